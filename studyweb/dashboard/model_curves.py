"""The models' own psychometric curves, from the scores kept beside the weights that wrote a study's advice.

Scores are data, `scores.json` of `python -m training compare --keep`. They belong to a study's system only where the
advice came from the same weights, shown the same, decoded alike; otherwise there is no curve, and the reason is said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from studyweb.dashboard.figures.shapes import CurvePoint, CurveSeries
from studyweb.studies.lint_systems import weights_folder
from studyweb.studies.models import Advice, System

SCORES_FORMAT = 2
SIZES_DB = np.geomspace(0.5, 12.0, 41)


@dataclass(frozen=True)
class ModelCurve:
    """How often a model finds a changed stem, over the size of the change."""

    system: System
    threshold_db: float | None
    """Size of which half are found; None where not even half of the largest are."""
    interval_db: tuple[float, float | None] | None
    series: CurveSeries
    n_changes: int


def model_curves(systems: Sequence[System]) -> tuple[list[ModelCurve], list[str]]:
    """Curves of those systems that are models, and the reasons why others have none."""
    models = [system for system in systems if system.kind == System.Kind.MODEL]
    path = weights_folder() / "scores.json"
    try:
        scores = json.loads(path.read_text(encoding="utf-8")) if models else {}
    except (OSError, ValueError):
        return [], ["No models' curve: there are no readable scores beside the weights."]
    if models and scores.get("format") != SCORES_FORMAT:
        return [], ["No models' curve: the scores beside the weights are of another format."]
    found = [(system, _row_of(system, scores)) for system in models]
    curves = [_curve(system, row["psychometric"]) for system, row in found if row]
    missing = [
        f"No curve of {system.label}: its weights, input or decoding were not scored."
        for system, row in found
        if not row
    ]
    return curves, missing


def _row_of(system: System, scores: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The scored condition that this system is, if its weights are those that were scored."""
    advice = Advice.objects.filter(system=system).first()
    adapter, made_by = system.entry.get("adapter", ""), advice.provenance if advice else {}
    weights = [(scores["weights"].get("base"), made_by.get("base_sha256"))]
    weights.append((scores["weights"].get(adapter), made_by.get("adapter_sha256")))
    if any(not scored or scored != used for scored, used in weights):
        return None
    asked = {
        "system": adapter,
        "shown": system.shown,
        "reference_kind": system.reference_kind,
        "control": "",
        "decoding": system.entry.get("decoding", {}).get("method", "greedy"),
    }
    rows: list[Mapping[str, Any]] = scores["rows"]
    return next((row for row in rows if asked.items() <= row.items() and row["psychometric"]), None)


def _curve(system: System, fit: Mapping[str, Any]) -> ModelCurve:
    low_high = fit["interval_db"]
    return ModelCurve(
        system=system,
        threshold_db=fit["threshold_db"],
        interval_db=None if low_high is None else (low_high[0], low_high[1]),
        series=CurveSeries(f"{system.label}: changes found", _points(fit), _line(fit)),
        n_changes=sum(fit["asked"].values()),
    )


def _line(fit: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    """P(x) = guess + (1 - guess - lapse) / (1 + (midpoint / x) ** slope), as the scores' parameters mean it."""
    rising = 1.0 / (1.0 + (fit["midpoint_db"] / SIZES_DB) ** fit["slope"])
    shares = fit["guess"] + (1.0 - fit["guess"] - fit["lapse"]) * rising
    return tuple(zip(SIZES_DB.tolist(), shares.tolist(), strict=True))


def _points(fit: Mapping[str, Any]) -> tuple[CurvePoint, ...]:
    """Shares found by whole dB: sizes up to 1 dB together, then up to 2, and so on."""
    asked, found = Counter[int](), Counter[int]()
    for size, count in fit["asked"].items():
        asked[int(np.ceil(float(size)))] += count
        found[int(np.ceil(float(size)))] += fit["found"].get(size, 0)
    return tuple(
        CurvePoint(size - 0.25, found[size] / asked[size], n_answers=asked[size])
        for size in sorted(asked)
        if asked[size]
    )
