"""A page that plays triplets: problem, reference and the problem after the advice, with label, finding and advice."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np
import soundfile

from datagen.loudness import integrated_loudness, linear_gains
from datagen.recipe_figures import KIND_MEANING
from datagen.recipe_table import TableInfo
from datagen.report_page import db_text, facts_list, gains_text, page
from datagen.sources import Audio, track_of
from datagen.triplets import Triplet, about_track
from datagen.words import mapping_from_changes

LISTENING_RATE = 22_050
"""Hz; enough to judge a balance, and small enough for one page."""
HEADROOM_PEAK = 0.891
"""-1 dBFS: all clips of a triplet are scaled by one factor, so that their level differences stay."""
INTRO = (
    "<p>Each triplet is a problem, a reference and an explanation. Starting a clip stops the others; clips of the same "
    "excerpt go on at the same place, so that switching compares like with like. With the focus inside a triplet, "
    "<kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> switch between its clips or pause.</p>"
    "<fieldset><legend>Levels</legend>"
    '<label><input type="radio" name="levels" value="true" checked><span>as in the data: problem and reference each '
    "have a common level of their own, and a triplet is turned down as a whole where a clip would pass "
    "−1 dBFS</span></label>"
    '<label><input type="radio" name="levels" value="matched"><span>matched in loudness: the louder clips of a triplet '
    "come down to its quietest (BS.1770, integrated)</span></label></fieldset>"
    "<noscript><p>Without scripts the clips play at the levels of the data, each on its own.</p></noscript>"
)


@dataclass(frozen=True, eq=False)
class Clip:
    """One thing to hear of a triplet."""

    name: str
    about: str
    audio: Audio
    """[2, samples], never above -1 dBFS."""
    excerpt: str
    """Clips with the same one are the same stretch of music."""
    loudness_lufs: float | None


def listening_page(triplets: Iterable[Triplet], info: TableInfo) -> str:
    """The page as text, audio inside as FLAC; the triplets must be made at LISTENING_RATE."""
    sections, private = [], set()
    for number, triplet in enumerate(triplets, start=1):
        sections.append(_section(number, triplet, info))
        private |= {str(about["key"]) for about in _tracks(triplet, info) if not about.get("may_publish")}
    parts = ["<h1>Triplets to listen to</h1>", _publishing(sorted(private)), INTRO, *sections]
    return page("Triplets to listen to", parts, script=_script())


def triplet_clips(triplet: Triplet) -> tuple[Clip, ...]:
    """Problem, reference and the problem after the advice, scaled together so that none passes -1 dBFS.

    There is no third clip where it would be one of the others again: for a clean problem, and where the reference is
    the same passage.
    """
    recipe = triplet.recipe
    mixes = [("Problem", f"common level {db_text(recipe.problem_level_db)}", triplet.problem.mix, "problem")]
    if triplet.reference is not None:
        kind = recipe.reference_kind.replace("_", " ")
        same = "problem" if recipe.reference_excerpt == recipe.excerpt else "reference"
        about = f"{KIND_MEANING[recipe.reference_kind]}; common level {db_text(recipe.reference_level_db)}"
        mixes.append((f"Reference: {kind}", about, triplet.reference.mix, same))
    if triplet.label and recipe.reference_kind != "same_passage":
        mixes.append(("After the advice", "the problem with the label applied", corrected_mix(triplet), "problem"))
    peak = max(float(np.abs(mix).max()) for _, _, mix, _ in mixes)
    scale = np.float32(min(1.0, HEADROOM_PEAK / peak) if peak > 0.0 else 1.0)
    return tuple(
        Clip(name, about, mix * scale, excerpt, integrated_loudness(mix * scale, triplet.sample_rate))
        for name, about, mix, excerpt in mixes
    )


def corrected_mix(triplet: Triplet) -> Audio:
    """The problem's mix [2, samples] with the label's gain changes applied."""
    gains_db = mapping_from_changes(triplet.label)
    gains = linear_gains([gains_db.get(name, 0.0) for name in triplet.names]).astype(np.float32)
    mix: Audio = np.einsum("scn,s->cn", triplet.problem.stems, gains)
    return mix


def trims_db(clips: Iterable[Clip]) -> list[float]:
    """The gain that brings each clip down to the quietest one; 0 where a loudness is not measurable."""
    levels = [clip.loudness_lufs for clip in clips]
    known = [level for level in levels if level is not None]
    return [0.0 if level is None else min(known) - level for level in levels]


def _publishing(private: list[str]) -> str:
    if not private:
        return "<p>All audio on this page may be published.</p>"
    names = ", ".join(private)
    return (
        '<p class="note"><strong>This page is private to this machine.</strong> It holds audio of tracks that may not '
        f"be published: {escape(names)}. Pass on the report without it.</p>"
    )


def _section(number: int, triplet: Triplet, info: TableInfo) -> str:
    clips = triplet_clips(triplet)
    players = zip(clips, trims_db(clips), strict=True)
    heard = "".join(_player(f"Triplet {number}", clip, trim_db=trim_db) for clip, trim_db in players)
    title = escape(track_of(triplet.recipe.excerpt.track).title)
    return (
        f'<section class="triplet" aria-labelledby="triplet-{number}"><h2 id="triplet-{number}">{number}. {title}</h2>'
        f'<p>{escape(triplet.recipe.brief)}</p><div class="clips">{heard}</div>{facts_list(_texts(triplet, info))}'
        "</section>"
    )


def _texts(triplet: Triplet, info: TableInfo) -> dict[str, str]:
    recipe, text = triplet.recipe, triplet.explanation
    excerpt = recipe.excerpt
    start_s, length_s = excerpt.start_samples / excerpt.sample_rate, excerpt.length_samples / excerpt.sample_rate
    abouts = _tracks(triplet, info)
    return {
        "Disturbance": gains_text(recipe.disturbance_db),
        "Label": gains_text(mapping_from_changes(triplet.label)),
        "Finding": text.finding,
        "Advice": text.advice,
        "Excerpt": f"{excerpt.track.key}, {start_s:.1f} s to {start_s + length_s:.1f} s",
        "Credit": "; ".join(sorted({str(about.get("attribution", "")) for about in abouts})),
        "Licence": ", ".join(sorted({str(about.get("licence", "")) for about in abouts})),
    } | ({} if triplet.reference is not None else {"Reference": KIND_MEANING["none"]})


def _tracks(triplet: Triplet, info: TableInfo) -> list[Mapping[str, Any]]:
    excerpts = (triplet.recipe.excerpt, triplet.recipe.reference_excerpt)
    return [about_track(excerpt.track, info) for excerpt in excerpts if excerpt is not None]


def _player(where: str, clip: Clip, *, trim_db: float) -> str:
    loudness = "not measurable" if clip.loudness_lufs is None else f"{clip.loudness_lufs:.1f} LUFS".replace("-", "−")
    return (
        f'<div class="clip"><h3>{escape(clip.name)}</h3><p>{escape(clip.about)}; loudness {loudness}</p>'
        f'<audio controls preload="metadata" aria-label="{escape(f"{where}, {clip.name}")}" '
        f'data-excerpt="{clip.excerpt}" data-trim-db="{trim_db:.2f}" src="{_flac_url(clip.audio)}"></audio></div>'
    )


def _flac_url(audio: Audio) -> str:
    file = io.BytesIO()
    soundfile.write(file, audio.T, LISTENING_RATE, format="FLAC", subtype="PCM_16")
    return f"data:audio/flac;base64,{base64.b64encode(file.getvalue()).decode()}"


def _script() -> str:
    return files("datagen").joinpath("listening_page.js").read_text(encoding="utf-8")
