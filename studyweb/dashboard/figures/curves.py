"""Series over a continuous axis: measured points with intervals, and the lines fitted through them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studyweb.dashboard.figures.place import (
    INK,
    MUTED,
    PAPER,
    SERIES,
    SMALL_PT,
    Place,
    draw_title,
    plain_axes,
    title_height_in,
)
from studyweb.dashboard.figures.shapes import CurveFigure, CurveSeries

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLOT_IN, LEFT_IN, FOOT_IN, LEGEND_ROW_IN = 2.7, 0.62, 0.5, 0.2
MARKERS = ("o", "D", "s", "^")


def height_in(figure: CurveFigure, width_in: float) -> float:
    """How much room the figure needs."""
    return title_height_in(figure.title, width_in) + LEGEND_ROW_IN * len(figure.series) + PLOT_IN + FOOT_IN


def draw(figure: CurveFigure, place: Place) -> None:
    """Draw the legend above, the plot below."""
    top_in = draw_title(place, figure.title)
    for number, series in enumerate(figure.series):
        _draw_legend_row(series, number, place, y_in=top_in + LEGEND_ROW_IN * (number + 0.4))
    top_in += LEGEND_ROW_IN * len(figure.series)
    axes = place.axes(left_in=LEFT_IN, top_in=top_in, width_in=place.width_in - LEFT_IN - 0.1, height_in=PLOT_IN)
    plain_axes(axes, grid=True)
    if figure.no_effect is not None:
        axes.axhline(figure.no_effect, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1)
    for number, series in enumerate(figure.series):
        _draw_series(axes, series, number)
    axes.set_xlabel(figure.x_axis, fontsize=SMALL_PT, color=INK)
    axes.set_ylabel(figure.y_axis, fontsize=SMALL_PT, color=INK)


def _draw_series(axes: Axes, series: CurveSeries, number: int) -> None:
    colour, marker = SERIES[number % len(SERIES)], MARKERS[number % len(MARKERS)]
    if series.line:
        axes.plot([x for x, _ in series.line], [y for _, y in series.line], color=colour, linewidth=1.8)
    for point in series.points:
        if point.low is not None and point.high is not None:
            axes.plot([point.x, point.x], [point.low, point.high], color=colour, linewidth=1.3)
    size = 6 if len(series.points) < 60 else 3.5
    style: dict[str, Any] = {"color": colour, "markeredgecolor": PAPER, "markersize": size}
    axes.plot([point.x for point in series.points], [point.y for point in series.points], marker, **style)


def _draw_legend_row(series: CurveSeries, number: int, place: Place, *, y_in: float) -> None:
    axes = place.axes(left_in=LEFT_IN, top_in=y_in - 0.1, width_in=0.3, height_in=0.2)
    axes.set_axis_off()
    axes.set_xlim(-1, 1)
    axes.set_ylim(-1, 1)
    colour = SERIES[number % len(SERIES)]
    if series.line:
        axes.plot([-1, 1], [0, 0], color=colour, linewidth=1.8)
    if series.points:
        axes.plot([0], [0], MARKERS[number % len(MARKERS)], color=colour, markersize=6, markeredgecolor=PAPER)
    place.text(LEFT_IN + 0.38, y_in, series.label, fontsize=SMALL_PT)
