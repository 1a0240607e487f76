"""The report as one PDF: header, sentences, figures and tables set on A4 pages, SIMULATED on every page that is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studyweb.dashboard.figures.drawing import draw, height_of, lettering, mark_simulated
from studyweb.dashboard.figures.place import ACCENT, INK, LINE, MUTED, Place, wrapped
from studyweb.dashboard.figures.tables import LINE_SPACING as TABLE_LINE_SPACING
from studyweb.dashboard.figures.tables import Column, columns_of, row_height_in
from studyweb.dashboard.sections.report import Part, Report
from studyweb.dashboard.sections.section import Section

if TYPE_CHECKING:
    from matplotlib.backends.backend_pdf import PdfPages

PAGE_IN = (8.27, 11.69)
MARGIN_IN, FOOT_IN = 0.75, 0.55
WIDTH_IN = PAGE_IN[0] - 2 * MARGIN_IN
BODY_PT, NOTE_PT, LINE_SPACING = 9.5, 8.0, 1.42
KEEP_IN, SENTENCE_IN = 1.6, 1.2
"""A heading that has less room than this below it, its sentence and figure among it, begins a new page."""


class Paper:
    """Pages that fill from top to bottom; each is written as soon as it is full."""

    def __init__(self, pages: PdfPages, *, foot: str, simulated: bool) -> None:
        self.pages, self.foot, self.simulated = pages, foot, simulated
        self.number = 0
        self._begin()

    def _begin(self) -> None:
        from matplotlib.figure import Figure as Sheet

        self.number += 1
        self.sheet = Sheet(figsize=PAGE_IN)
        self.page = Place(self.sheet, 0.0, 0.0, *PAGE_IN)
        self.y_in = MARGIN_IN

    def end_page(self) -> None:
        """Foot, mark, out."""
        foot_in = PAGE_IN[1] - FOOT_IN
        self.page.text(MARGIN_IN, foot_in, self.foot, fontsize=7.5, color=MUTED)
        self.page.text(PAGE_IN[0] - MARGIN_IN, foot_in, str(self.number), ha="right", fontsize=7.5, color=MUTED)
        if self.simulated:
            mark_simulated(self.sheet)
        self.pages.savefig(self.sheet)

    def need(self, height_in: float) -> None:
        """Begin a new page where this does not fit any more."""
        if self.y_in + height_in > PAGE_IN[1] - MARGIN_IN - 0.2 and self.y_in > MARGIN_IN:
            self.end_page()
            self._begin()

    def gap(self, height_in: float) -> None:
        """Room between blocks; none at a page's top."""
        self.y_in += height_in if self.y_in > MARGIN_IN else 0.0

    def lines(self, text: str, *, points: float = BODY_PT, weight: str = "normal", color: str = INK) -> None:
        """A paragraph."""
        step_in = points * LINE_SPACING / 72
        for line in wrapped(text, WIDTH_IN, points=points, weight=weight):
            self.need(step_in)
            self.page.text(MARGIN_IN, self.y_in + step_in / 2, line, fontsize=points, weight=weight, color=color)
            self.y_in += step_in

    def rule(self, color: str, width: float = 0.8) -> None:
        """A thin line over the whole width."""
        self._line(self.y_in, color, width)
        self.y_in += 0.06

    def _line(self, y_in: float, color: str, width: float) -> None:
        from matplotlib.lines import Line2D

        ends = [MARGIN_IN / PAGE_IN[0], 1 - MARGIN_IN / PAGE_IN[0]]
        height = 1 - y_in / PAGE_IN[1]
        self.sheet.add_artist(Line2D(ends, [height, height], color=color, linewidth=width))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table whose header is repeated where it goes on over the page."""
        columns = columns_of(header, rows, WIDTH_IN)
        first_in = row_height_in(columns, rows[0])
        self.need(row_height_in(columns, header) + first_in)
        self._table_row(columns, header, weight="bold")
        for row in rows:
            if self.y_in + row_height_in(columns, row) > PAGE_IN[1] - MARGIN_IN - 0.2:
                self.need(PAGE_IN[1])
                self._table_row(columns, header, weight="bold")
            self._table_row(columns, row)

    def _table_row(self, columns: Sequence[Column], row: Sequence[str], *, weight: str = "normal") -> None:
        height_in = row_height_in(columns, row)
        for column, cell in zip(columns, row, strict=True):
            x_in = MARGIN_IN + (column.left_in + column.width_in if column.is_number else column.left_in)
            for number, line in enumerate(column.lines(cell)):
                y_in = self.y_in + 0.11 + number * column.points * TABLE_LINE_SPACING / 72
                side = "right" if column.is_number else "left"
                self.page.text(x_in, y_in, line, ha=side, fontsize=column.points, weight=weight)
        self.y_in += height_in
        self._line(self.y_in, LINE, 0.5 if weight == "normal" else 0.9)


def write_paper(report: Report, path: Path) -> None:
    """Set the whole report; the same report gives the same bytes."""
    # matplotlib is imported where it is used: the web process and the worker's parent never load it.
    from matplotlib.backends.backend_pdf import PdfPages

    about: dict[str, Any] = {"Title": report.title, "Creator": "MixTrial", "CreationDate": None}
    mark = "SIMULATED DATA  ·  " if report.is_simulated else ""
    with lettering(), PdfPages(path, metadata=about) as pages:
        paper = Paper(pages, foot=f"{mark}{report.title}", simulated=report.is_simulated)
        _write_head(paper, report)
        for part in report.parts:
            _write_part(paper, part)
        _write_paragraphs(paper, report)
        paper.end_page()


def _write_head(paper: Paper, report: Report) -> None:
    paper.lines(report.title, points=17, weight="bold")
    paper.gap(0.1)
    paper.rule(ACCENT, 2.0)
    paper.gap(0.06)
    paper.lines(report.headline, points=11.5)
    paper.gap(0.1)
    paper.lines(report.knowledge, color=MUTED)
    paper.gap(0.18)
    paper.table(("Plan", ""), report.facts)
    paper.gap(0.25)
    paper.table(report.systems[0], report.systems[1:])
    paper.gap(0.25)
    paper.lines("Deviations from the plan", points=11, weight="bold")
    for deviation in report.deviations or ("None that can be told from what is stored.",):
        paper.lines(deviation)


def _write_part(paper: Paper, part: Part) -> None:
    paper.need(2.5)
    paper.gap(0.35)
    paper.lines(part.title, points=14, weight="bold")
    paper.rule(LINE)
    if part.knowledge:
        paper.lines(part.knowledge, color=MUTED)
    for section in part.sections:
        _write_section(paper, section)


def _write_section(paper: Paper, section: Section) -> None:
    height_in = 0.0 if section.figure is None else height_of(section.figure, WIDTH_IN)
    paper.need(max(KEEP_IN, height_in + SENTENCE_IN))
    paper.gap(0.25)
    paper.lines(section.title, points=11.5, weight="bold")
    paper.gap(0.04)
    paper.lines(section.sentence)
    if section.figure is not None:
        paper.gap(0.12)
        paper.need(height_in)
        draw(section.figure, Place(paper.sheet, MARGIN_IN, paper.y_in, WIDTH_IN, height_in))
        paper.y_in += height_in
    if section.rows:
        paper.gap(0.14)
        paper.table(section.header, section.rows)
    paper.gap(0.08)
    for note in section.notes:
        paper.lines(note, points=NOTE_PT, color=MUTED)


def _write_paragraphs(paper: Paper, report: Report) -> None:
    for title, text in (("Method, for a paper", report.method), ("Results, for a paper", report.results)):
        paper.need(KEEP_IN)
        paper.gap(0.3)
        paper.lines(title, points=11.5, weight="bold")
        paper.gap(0.04)
        paper.lines(text)
