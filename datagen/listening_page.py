"""A page that plays triplets: problem and reference side by side, with brief, finding and advice."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from html import escape

import numpy as np
import soundfile

from datagen.recipe_report import gains_text, page
from datagen.recipe_texts import explanation_of
from datagen.recipes import Recipe
from datagen.requests import ExcerptRef
from datagen.sources.registry import read_excerpt, track_of
from datagen.sources.track import Audio

LISTENING_RATE = 22_050
"""Hz; enough to judge a balance, and small enough for one page."""
HEADROOM_PEAK = 0.891
"""-1 dBFS: both mixes of a triplet are scaled by one factor, so that their level difference stays."""


def listening_page(recipes: Iterable[Recipe]) -> str:
    """The page as text, audio inside as FLAC; every triplet needs the tracks it was drawn from."""
    parts = ["<h1>Triplets to listen to</h1>", "<p>Problem and reference keep their level difference.</p>"]
    for number, recipe in enumerate(recipes, start=1):
        parts.append(_triplet(number, recipe))
    return page("Triplets to listen to", parts)


def triplet_mixes(recipe: Recipe) -> tuple[Audio, Audio | None]:
    """Problem and reference mixes [2, samples] of a recipe, scaled together so that neither passes -1 dBFS."""
    problem = _mix(recipe.excerpt, recipe.disturbance_db, recipe.problem_level_db)
    reference = None
    if recipe.reference_excerpt is not None:
        reference = _mix(recipe.reference_excerpt, recipe.reference_gains_db, recipe.reference_level_db)
    peak = max(float(np.abs(mix).max()) for mix in (problem, reference) if mix is not None)
    scale = np.float32(min(1.0, HEADROOM_PEAK / peak) if peak > 0.0 else 1.0)
    return problem * scale, None if reference is None else reference * scale


def _mix(excerpt: ExcerptRef, gains_db: Mapping[str, float], level_db: float) -> Audio:
    stems = read_excerpt(excerpt, sample_rate=LISTENING_RATE)
    names = track_of(excerpt.track).stems
    gains = 10.0 ** ((np.array([gains_db.get(name, 0.0) for name in names]) + level_db) / 20.0)
    mix: Audio = np.einsum("scn,s->cn", stems, gains.astype(np.float32))
    return mix


def _triplet(number: int, recipe: Recipe) -> str:
    problem, reference = triplet_mixes(recipe)
    text = explanation_of(recipe)
    heard = "<p>No reference.</p>" if reference is None else _player(f"Reference ({recipe.reference_kind})", reference)
    return (
        f"<section><h2>{number}. {escape(track_of(recipe.excerpt.track).title)}</h2><p>{escape(recipe.brief)}</p>"
        f'<div class="pair">{_player("Problem", problem)}{heard}</div>'
        f"<p><strong>Finding:</strong> {escape(text.finding)}<br><strong>Advice:</strong> {escape(text.advice)}</p>"
        f"<details><summary>What was done</summary>{escape(gains_text(recipe.disturbance_db))}</details></section>"
    )


def _player(name: str, mix: Audio) -> str:
    file = io.BytesIO()
    soundfile.write(file, mix.T, LISTENING_RATE, format="FLAC", subtype="PCM_16")
    data = base64.b64encode(file.getvalue()).decode()
    return f'<div>{escape(name)}<audio controls preload="none" src="data:audio/flac;base64,{data}"></audio></div>'
