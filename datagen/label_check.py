"""Checks recipes by other means than they were made with: the oracle on real audio, and the reader on the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from datagen.corrections import is_unique
from datagen.explanations import read, write
from datagen.oracle import OracleError, least_squares_changes
from datagen.recipes import Recipe, correction_of
from datagen.requests import ExcerptRef
from datagen.sources.registry import read_excerpt, track_of
from datagen.sources.track import Audio
from datagen.words import Changes

CHECK_RATE = 8000
"""Hz; enough to tell one gain from another, and a fifth of the samples."""


@dataclass(frozen=True)
class WrongLabel:
    """A recipe that failed a check, and how."""

    index: int
    reason: str


@dataclass(frozen=True)
class CheckResult:
    """What was checked and what failed."""

    recipes: int
    excerpts: int
    wrong: tuple[WrongLabel, ...]


def check_recipes(
    recipes: Iterable[Recipe], *, sample_rate: int = CHECK_RATE, progress: Callable[[int, int], None] = lambda *_: None
) -> CheckResult:
    """Check every recipe: is its label unique, does the oracle find it in the audio, does the advice read back to it?

    The oracle hears the problem (stems with disturbance and level) and the balanced stems at the reference's level;
    every excerpt is read once, at `sample_rate`. `progress` is told excerpts done and all of them.
    """
    groups: dict[ExcerptRef, list[tuple[int, Recipe]]] = {}
    for index, recipe in enumerate(recipes):
        groups.setdefault(recipe.excerpt, []).append((index, recipe))
    wrong: list[WrongLabel] = []
    for done, (excerpt, members) in enumerate(groups.items()):
        progress(done, len(groups))
        stems = read_excerpt(excerpt, sample_rate=sample_rate)
        names = track_of(excerpt.track).stems
        for index, recipe in members:
            reason = wrong_reason(recipe, stems, names=names)
            if reason:
                wrong.append(WrongLabel(index, reason))
    return CheckResult(sum(map(len, groups.values())), len(groups), tuple(wrong))


def wrong_reason(recipe: Recipe, stems: Audio, *, names: tuple[str, ...]) -> str:
    """Why a recipe's label or text is wrong, empty when both are right; `stems` is the balanced excerpt."""
    label = correction_of(recipe)
    if not is_unique(recipe.disturbance_db, recipe.audible):
        return f"{recipe.disturbance_db} has more than one explanation"
    try:
        found = oracle_label(recipe, stems, names=names)
    except OracleError as error:
        return f"the oracle failed: {error}"
    if found != label:
        return f"the oracle found {_text(found)}, the label is {_text(label)}"
    advice = write(label, register=recipe.register, seed=recipe.template_seed).advice
    reading = read(advice, names)
    if reading.changes != label:
        return f"“{advice}” reads back as {reading.not_actionable or _text(reading.changes or ())}"
    return ""


def oracle_label(recipe: Recipe, stems: Audio, *, names: tuple[str, ...]) -> Changes:
    """The gain changes that least squares finds in the problem made from balanced stems [stems, channels, samples]."""
    gains_db = np.array([recipe.disturbance_db.get(name, 0.0) for name in names]) + recipe.problem_level_db
    problem = stems * _linear(gains_db)[:, None, None]
    reference = stems * _linear(np.array(recipe.reference_level_db))
    find = partial(least_squares_changes, names=names, audible=recipe.audible)
    return find(problem, reference)


def _linear(gains_db: np.ndarray) -> np.ndarray:
    return (10.0 ** (gains_db / 20.0)).astype(np.float32)


def _text(changes: Changes) -> str:
    return ", ".join(f"{change.stem} {change.gain_db:+g} dB" for change in changes) or "nothing to change"
