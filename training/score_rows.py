"""Scores of a condition as plain data: what is kept in scores.json, printed, drawn, and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from training.conditions import Condition
from training.intervals import Estimate
from training.metrics import Scored, error_by_stem, false_alarms_by_stem, found_by_size, found_by_stem, score
from training.psychometrics import Psychometric, fit_psychometric

SCORES_FILE = "scores.json"
"""Kept beside the weights that were scored."""
SCORES_FORMAT = 2
DECIMALS = 6
Row = dict[str, Any]


def score_row(condition: Condition, items: Sequence[Scored]) -> Row:
    """Everything that is kept of a condition: its names, scores, breakdowns and psychometric curve."""
    curve = fit_psychometric(items)
    return {
        **condition_names(condition),
        "items": len(items),
        "tracks": len({item.track for item in items}),
        "scores": cells_of(score(items)),
        "found_by_size": cells_of(found_by_size(items)),
        "found_by_stem": cells_of(found_by_stem(items)),
        "false_alarms_by_stem": cells_of(false_alarms_by_stem(items)),
        "error_db_by_stem": cells_of(error_by_stem(items)),
        "psychometric": None if curve is None else psychometric_to_json(curve),
    }


def condition_names(condition: Condition) -> Row:
    """How a condition is named."""
    return {
        "condition": condition.label,
        "system": condition.system,
        "trained_on": condition.trained_on,
        "shown": condition.shown,
        "reference_kind": condition.reference_kind,
        "control": condition.control,
        "decoding": condition.decoding,
    }


def cells_of(estimates: Mapping[Any, Estimate]) -> dict[str, Any]:
    """Estimates as {name: {value, count, low, high}}; sizes become text as JSON wants it."""
    return {name if isinstance(name, str) else f"{name:g}": _cell(each) for name, each in estimates.items()}


def psychometric_to_json(curve: Psychometric) -> dict[str, Any]:
    """A psychometric curve as plain data."""
    data = asdict(curve)
    counts = {name: {f"{size:g}": count for size, count in data.pop(name).items()} for name in ("asked", "found")}
    interval = data.pop("interval_db")
    return {**{name: _rounded(value) for name, value in data.items()}, "interval_db": _ends(interval), **counts}


def _cell(estimate: Estimate) -> dict[str, Any]:
    low, high = estimate.interval or (None, None)
    return {
        "value": _rounded(estimate.value),
        "count": estimate.count,
        "low": _rounded(low),
        "high": _rounded(high),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), DECIMALS)


def _ends(interval: tuple[float, float | None] | None) -> list[float | None] | None:
    return None if interval is None else [_rounded(end) for end in interval]
