"""A report's files: every figure as SVG and PDF, the whole as one PDF, and the rest as plain data for the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.requests import Progress
from studyweb.dashboard.figures.drawing import save_figure
from studyweb.dashboard.figures.paper import write_paper
from studyweb.dashboard.figures.tables import is_number_column
from studyweb.dashboard.sections.report import Part, Report
from studyweb.dashboard.sections.section import Section

PDF_NAME = "report.pdf"
CALCULATED, DRAWN = 0.5, 0.9
"""How far the job is once all is calculated, and once all figures are drawn."""


@dataclass(frozen=True)
class ReportRequest:
    """What to calculate and where its files go."""

    calculate: Callable[[Progress], Report]
    folder: Path


def write_report(request: ReportRequest, progress: Progress) -> dict[str, Any]:
    """Calculate, draw, set; the report as plain data for the page."""
    report = request.calculate(lambda done, message: progress(CALCULATED * done, message))
    request.folder.mkdir(parents=True, exist_ok=True)
    drawn = [(part, section) for part in report.parts for section in part.sections if section.figure is not None]
    for number, (part, section) in enumerate(drawn):
        progress(CALCULATED + (DRAWN - CALCULATED) * number / len(drawn), f"drawing: {section.title}")
        assert section.figure is not None, "only sections with one are drawn"
        save_figure(section.figure, request.folder, figure_name(part, section), simulated=report.is_simulated)
    progress(DRAWN, "setting the PDF")
    write_paper(report, request.folder / PDF_NAME)
    return report_data(report)


def figure_name(part: Part, section: Section) -> str:
    """The name of a section's figure without its ending."""
    return f"{part.key}-{section.key}"


def report_data(report: Report) -> dict[str, Any]:
    """The report as JSON data, without what the pictures were drawn from."""
    plain = ("slug", "title", "is_simulated", "headline", "knowledge", "facts", "deviations", "method", "results")
    return {
        **{name: getattr(report, name) for name in plain},
        "systems": _table(report.systems[0], report.systems[1:]),
        "parts": [
            {
                "key": part.key,
                "title": part.title,
                "knowledge": part.knowledge,
                "sections": [_section_data(part, section) for section in part.sections],
            }
            for part in report.parts
        ],
    }


def _section_data(part: Part, section: Section) -> dict[str, Any]:
    return {
        **{name: getattr(section, name) for name in ("key", "title", "sentence", "notes", "numbers")},
        "figure": "" if section.figure is None else figure_name(part, section),
        "figure_title": "" if section.figure is None else section.figure.title,
        "table": _table(section.header, section.rows),
    }


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Cells with whether their column holds numbers, which stand at the right."""
    numeric = [is_number_column(column) for column in zip(*rows, strict=True)] if rows else [False] * len(header)
    return {
        "header": list(zip(header, numeric, strict=True)),
        "rows": [list(zip(row, numeric, strict=True)) for row in rows],
    }
