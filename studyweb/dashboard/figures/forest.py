"""The forest plot: one row per estimate, its interval, and the line of no preference."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.requests import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, ACCENT, LINE, ALARM = "#1b2330", "#4b5563", "#2457c5", "#c7cdd6", "#b42318"
FIGURE_VERSION = 2

WIDTH_IN, ROW_IN, HEAD_IN, FOOT_IN = 9.0, 0.3, 0.55, 0.75
LABELS_AT, AXES_AT, AXES_WIDTH, NUMBERS_AT, COUNTS_AT = 0.015, 0.33, 0.37, 0.72, 0.985
"""Columns as shares of the figure's width: labels, the plot, rate with interval, number of answers (its right edge)."""


@dataclass(frozen=True)
class ForestRow:
    """One line of the plot; a row without a rate is a heading, one without an interval shows its point alone."""

    label: str
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    n_answers: int = 0
    note: str = ""


@dataclass(frozen=True)
class ForestRequest:
    """Everything the picture depends on; its hash is the figure's key."""

    title: str
    left: str
    """What lies below one half: the second system preferred."""
    right: str
    rows: tuple[ForestRow, ...]
    is_simulated: bool
    folder: str
    """Where the files are written."""


@dataclass(frozen=True)
class DrawnFigure:
    """File names of one figure inside its folder."""

    svg: str
    pdf: str


def forest_request_from_json(data: dict[str, Any]) -> ForestRequest:
    """The inverse of dataclasses.asdict."""
    return ForestRequest(**{**data, "rows": tuple(ForestRow(**row) for row in data["rows"])})


def forest_request_to_json(request: ForestRequest) -> dict[str, Any]:
    """The request as plain JSON data."""
    return asdict(request)


def draw_forest(request: ForestRequest, progress: Progress) -> DrawnFigure:
    """Draw the plot to `forest.svg` and `forest.pdf` in the request's folder; same request, same bytes."""
    # matplotlib is imported where it is used: the web process and the worker's parent never load it.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    progress(0.0, "drawing")
    folder = Path(request.folder)
    folder.mkdir(parents=True, exist_ok=True)
    height_in = HEAD_IN + ROW_IN * len(request.rows) + FOOT_IN
    with mpl.rc_context({"svg.hashsalt": "mixtrial", "svg.fonttype": "path", "font.size": 9.5}):
        figure = Figure(figsize=(WIDTH_IN, height_in))
        rows_share = ROW_IN * len(request.rows) / height_in
        axes = figure.add_axes((AXES_AT, FOOT_IN / height_in, AXES_WIDTH, rows_share))
        _draw_frame(figure, axes, request, height_in=height_in)
        for index, row in enumerate(request.rows):
            _draw_row(figure, axes, row, y=-index)
        if request.is_simulated:
            _mark_simulated(figure)
        metadata = {"Title": request.title, "Creator": "MixTrial"}
        figure.savefig(folder / "forest.svg", metadata={**metadata, "Date": None})
        figure.savefig(folder / "forest.pdf", metadata={**metadata, "CreationDate": None})
    return DrawnFigure("forest.svg", "forest.pdf")


def _draw_frame(figure: Figure, axes: Axes, request: ForestRequest, *, height_in: float) -> None:
    figure.text(LABELS_AT, 1 - 0.16 / height_in, request.title, va="top", fontsize=11, color=INK, weight="bold")
    axes.axvline(0.5, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(request.rows) + 0.5, 0.5)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=MUTED)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    directions_y = 0.16 / height_in
    middle = AXES_AT + AXES_WIDTH / 2
    left, right = f"\N{LEFTWARDS ARROW} {request.left}", f"{request.right} \N{RIGHTWARDS ARROW}"
    figure.text(middle - 0.015, directions_y, left, ha="right", color=MUTED)
    figure.text(middle + 0.015, directions_y, right, ha="left", color=MUTED)


def _draw_row(figure: Figure, axes: Axes, row: ForestRow, *, y: float) -> None:
    place = figure.transFigure.inverted().transform(axes.transData.transform((0, y)))[1]
    if row.rate is None:
        ground: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 2.0}
        figure.text(LABELS_AT, place, row.label, va="center", color=INK, weight="bold", bbox=ground)
        return
    figure.text(LABELS_AT + 0.015, place, row.label, va="center", color=INK)
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=ACCENT, linewidth=2.2, solid_capstyle="round")
    axes.plot([row.rate], [y], "o", markersize=7, color=ACCENT, markeredgecolor="white", markeredgewidth=1.2)
    figure.text(NUMBERS_AT, place, _numbers(row), va="center", color=INK)
    figure.text(COUNTS_AT, place, f"n = {row.n_answers}", va="center", ha="right", color=MUTED)


def _numbers(row: ForestRow) -> str:
    rate = f"{100 * (row.rate or 0.0):.0f} %"
    if row.low is None or row.high is None:
        return f"{rate}  no interval"
    return f"{rate}  [{100 * row.low:.0f}, {100 * row.high:.0f}]"


def _mark_simulated(figure: Figure) -> None:
    middle: dict[str, Any] = {"ha": "center", "va": "center", "rotation": 18, "fontsize": 44, "alpha": 0.13}
    figure.text(0.5, 0.5, "SIMULATED", color=ALARM, weight="bold", **middle)
    figure.text(0.985, 0.985, "SIMULATED DATA", ha="right", va="top", fontsize=9, color=ALARM, weight="bold")
