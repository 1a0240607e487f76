"""The forest plot of a study as a job: keyed by what it shows, so that the same data are drawn once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from studyweb.dashboard.figures.forest import FIGURE_VERSION, ForestRequest, ForestRow, forest_request_to_json
from studyweb.dashboard.results import PairResult
from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.stats.preference import PreferenceEstimate
from studyweb.studies.models import Study


def forest_request_of(study: Study, results: Sequence[PairResult]) -> ForestRequest:
    """What the forest plot of these results shows; the folder is filled in by the job."""
    analysis = study.plan["analysis"]
    ties = "ties left out" if analysis["ties"] == "excluded" else "ties as half"
    one_pair = len(results) == 1
    return ForestRequest(
        title=f"Preference rate, {ties}, with {100 * float(analysis['level']):.0f} % intervals",
        left=f"{results[0].second.label} preferred" if one_pair else "second system preferred",
        right=f"{results[0].first.label} preferred" if one_pair else "first system preferred",
        rows=tuple(row for result in results for row in _rows_of(result)),
        is_simulated=study.is_simulated,
        folder="",
    )


def _rows_of(result: PairResult) -> list[ForestRow]:
    heading = f"{result.first.label} over {result.second.label}"
    rows = [ForestRow(label=heading + (" (primary)" if result.is_primary else ""))]
    rows.append(_row("overall", result.estimate))
    rows.extend(_row(group.label, group.estimate) for group in result.subgroups)
    return rows


def _row(label: str, estimate: PreferenceEstimate) -> ForestRow:
    interval = estimate.interval
    return ForestRow(
        label=label,
        rate=estimate.rate,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n_answers=estimate.n_answers,
        note="" if interval else "; ".join(estimate.notes),
    )


def request_forest_figure(study: Study, results: Sequence[PairResult]) -> Job:
    """The job that draws (or has drawn) the forest plot of exactly these results."""
    request = forest_request_of(study, results)
    payload = forest_request_to_json(request)
    digest = hashlib.sha256(json.dumps([FIGURE_VERSION, payload], sort_keys=True).encode()).hexdigest()
    with transaction.atomic():
        return enqueue("figure", key=f"figure:{study.pk}:{digest}", payload=payload, study_id=study.pk)


def with_folder(request: ForestRequest, folder: str) -> ForestRequest:
    """The request with the folder its files go to."""
    return replace(request, folder=folder)
