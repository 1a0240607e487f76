"""The producer's own fix: fader positions set before anything is read, and how far each advice is from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from datagen.corrections import residual_imbalance_db
from datagen.words import GRID_DB, MAX_GAIN_DB
from studyweb.studies.models import Advice, Item
from studyweb.trials.models import Trial

FIX_STEP = "fix"
OWN_FIX = "own_fix"
"""The mode of a study, and the question in which it is asked."""


class BadFadersError(ValueError):
    """What was sent is no set of fader positions."""


def read_faders(value: str, stems: Sequence[str]) -> dict[str, float]:
    """{stem: gain in dB} of an answer, a JSON object that names every stem. Raises BadFadersError."""
    try:
        gains_db = json.loads(value)
    except ValueError as error:
        raise BadFadersError("must be a JSON object of gains in dB") from error
    if not isinstance(gains_db, dict) or set(gains_db) != set(stems):
        raise BadFadersError(f"must give a gain for each of {', '.join(stems)}, and for nothing else")
    for stem, gain_db in gains_db.items():
        if not _is_on_grid(gain_db):
            raise BadFadersError(
                f"{stem} must be a multiple of {GRID_DB} dB, at most {MAX_GAIN_DB:g} dB either way, not {gain_db!r:.20}"
            )
    return {stem: float(gains_db[stem]) for stem in stems}


def write_faders(gains_db: Mapping[str, float]) -> str:
    """The answer of these fader positions, brought to the grid and the range."""
    kept = {stem: min(max(gain_db, -MAX_GAIN_DB), MAX_GAIN_DB) for stem, gain_db in gains_db.items()}
    return json.dumps({stem: GRID_DB * round(gain_db / GRID_DB) + 0.0 for stem, gain_db in kept.items()})


def _is_on_grid(gain_db: Any) -> bool:
    if isinstance(gain_db, bool) or not isinstance(gain_db, int | float):
        return False
    return abs(gain_db) <= MAX_GAIN_DB and (gain_db / GRID_DB).is_integer()


def distance_db(own_db: Mapping[str, float], advised_db: Mapping[str, float], audible: Sequence[str]) -> float:
    """How far two sets of gain changes are apart: dB RMS over the audible stems after any common gain is taken off."""
    return residual_imbalance_db(own_db, {stem: -gain_db for stem, gain_db in advised_db.items()}, audible)


def distances_db(trial: Trial, value: str) -> dict[str, float | None]:
    """{slot: distance of its advice from the fader positions of an answer}; None for advice that cannot be read."""
    own_db = read_faders(value, stems_of(trial.item))
    audible = trial.item.recipe.get("audible") or list(own_db)
    advices: dict[str, Advice] = {"A": trial.advice_a, "B": trial.advice_b}
    return {
        slot: None if advice.changes is None else round(distance_db(own_db, advice.changes, audible), 4)
        for slot, advice in advices.items()
    }


def stems_of(item: Item) -> list[str]:
    """The item's stems in their order."""
    return [stem.stem for stem in item.stems.all()]


def is_fix_due(trial: Trial) -> bool:
    """Whether this trial asks for the own fix and has none yet: until then its texts are nobody's to read."""
    asks = any(step["name"] == FIX_STEP for step in trial.steps)
    return asks and not trial.answers.filter(step=OWN_FIX).exists()
