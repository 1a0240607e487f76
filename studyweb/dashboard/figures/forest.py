"""The forest plot: one row per estimate, its interval, and the line of no preference."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.requests import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, ACCENT, LINE = "#1b2330", "#5d6878", "#2457c5", "#c7cdd6"
FIGURE_VERSION = 1


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
    with mpl.rc_context({"svg.hashsalt": "mixtrial", "svg.fonttype": "path", "font.size": 10}):
        figure = Figure(figsize=(8.0, 1.3 + 0.36 * len(request.rows)), layout="constrained")
        axes = figure.add_subplot()
        _draw_axes(axes, request)
        for index, row in enumerate(request.rows):
            _draw_row(axes, row, y=-index)
        if request.is_simulated:
            _mark_simulated(figure)
        metadata = {"Title": request.title, "Creator": "MixTrial"}
        figure.savefig(folder / "forest.svg", metadata={**metadata, "Date": None})
        figure.savefig(folder / "forest.pdf", metadata={**metadata, "CreationDate": None})
    return DrawnFigure("forest.svg", "forest.pdf")


def _draw_axes(axes: Axes, request: ForestRequest) -> None:
    axes.set_title(request.title, loc="left", fontsize=11, color=INK, pad=14)
    axes.axvline(0.5, color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    axes.set_xlim(0, 1)
    axes.set_ylim(-len(request.rows) + 0.4, 0.6)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel(f"\N{LEFTWARDS ARROW} {request.left}        {request.right} \N{RIGHTWARDS ARROW}", color=MUTED)
    axes.set_yticks([-i for i in range(len(request.rows))], [row.label for row in request.rows])
    axes.tick_params(axis="y", length=0, colors=INK)
    axes.tick_params(axis="x", colors=MUTED)
    for label, row in zip(axes.get_yticklabels(), request.rows, strict=True):
        label.set_fontweight("bold" if row.rate is None else "normal")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)


def _draw_row(axes: Axes, row: ForestRow, *, y: float) -> None:
    if row.rate is None:
        axes.text(1.02, y, row.note, va="center", color=MUTED, transform=axes.get_yaxis_transform(), fontsize=9)
        return
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=ACCENT, linewidth=2.2, solid_capstyle="round")
        span = f"{100 * row.rate:.0f} %  [{100 * row.low:.0f}, {100 * row.high:.0f}]"
    else:
        span = f"{100 * row.rate:.0f} %  {row.note}"
    axes.plot([row.rate], [y], "o", markersize=7, color=ACCENT, markeredgecolor="white", markeredgewidth=1.2)
    text = f"{span}   n = {row.n_answers}"
    axes.text(1.02, y, text, va="center", color=INK, transform=axes.get_yaxis_transform(), fontsize=9)


def _mark_simulated(figure: Figure) -> None:
    figure.text(
        0.5,
        0.5,
        "SIMULATED",
        ha="center",
        va="center",
        rotation=18,
        fontsize=44,
        color="#b42318",
        alpha=0.13,
        weight="bold",
    )
    figure.text(0.995, 0.015, "SIMULATED DATA", ha="right", va="bottom", fontsize=9, color="#b42318", weight="bold")
