"""What the server adds to every stored answer, so that it can be read by the version it was given under."""

from __future__ import annotations

from typing import Any

from studyweb.trials.assignment import can_be_heard
from studyweb.trials.models import Trial
from studyweb.trials.own_fix import OWN_FIX, distances_db

SERVER_KEYS = frozenset(
    {"study_sha256", "position", "advice_sha256", "gains_db", "trim_db", "heard_before", "own_fix_distance_db"}
)
"""What the server adds; gains and distances among it are no participant's to know before the reading step is over."""


def server_context(trial: Trial) -> dict[str, Any]:
    """Study version, advice hashes by slot, place in the session, and the gains and trims that could be heard.

    It stands beside what the page reports, and wins where both name the same thing. Gains in dB.
    """
    advices = {"A": trial.advice_a, "B": trial.advice_b}
    heard = can_be_heard(trial.advice_a, trial.advice_b)
    return {
        "study_sha256": trial.participant.study.frozen_sha256 or trial.participant.study.file_sha256,
        "position": trial.position,
        "advice_sha256": {slot: advice.text_sha256 for slot, advice in advices.items()},
        "gains_db": {slot: advice.changes if heard else None for slot, advice in advices.items()},
        "trim_db": {slot: _rounded(advice.trim_db) if heard else None for slot, advice in advices.items()},
        "heard_before": trial.read_at is not None or all(step["name"] != "read" for step in trial.steps),
    }


def fix_context(trial: Trial, question: str, value: str) -> dict[str, Any]:
    """What the server adds to fader positions: their distance from each advice, in dB RMS."""
    return {"own_fix_distance_db": distances_db(trial, value)} if question == OWN_FIX else {}


def _rounded(value_db: float | None) -> float | None:
    return None if value_db is None else round(value_db, 4) + 0.0
