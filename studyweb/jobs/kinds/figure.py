"""Figures: a forest plot from its payload, drawn to a folder of the job's own."""

from __future__ import annotations

from typing import Any

from studyweb.dashboard.figures.forest import DrawnFigure, ForestRequest, forest_request_from_json
from studyweb.export.outdated import figure_folder
from studyweb.jobs.models import Job

QUEUE = "cpu"


def load(job: Job) -> ForestRequest:
    """The picture to draw; everything it depends on is in the payload."""
    return forest_request_from_json({**job.payload, "folder": str(figure_folder(job.pk))})


def store(_job: Job, result: DrawnFigure) -> dict[str, Any]:
    """The files' names."""
    return {"svg": result.svg, "pdf": result.pdf}
