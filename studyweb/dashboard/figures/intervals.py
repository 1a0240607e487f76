"""Points with intervals, one row each: forest plots, plots by track and by participant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studyweb.dashboard.figures.place import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    PAPER,
    SERIES,
    SMALL_PT,
    Place,
    draw_title,
    plain_axes,
    shortened,
    title_height_in,
    width_of,
)
from studyweb.dashboard.figures.shapes import IntervalFigure, IntervalRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_IN, FEW_ROWS = 0.235, 30
DENSE_ROW_IN = 0.19
FOOT_IN, LEGEND_IN = 0.62, 0.25
MOST_LABELS, INDENT_IN, GAP_IN = 0.36, 0.12, 0.12
"""Labels take at most this share of the width."""
MOST_NUMBERS_IN = 1.7
"""A reason why there is no interval is cut to this; the table under the figure holds it whole."""


def height_in(figure: IntervalFigure, width_in: float) -> float:
    """How much room the figure needs."""
    legend = LEGEND_IN if figure.also_label else 0.0
    return title_height_in(figure.title, width_in) + legend + _row_in(figure) * len(figure.rows) + FOOT_IN


def draw(figure: IntervalFigure, place: Place) -> None:
    """Draw labels, axis, points and numbers in columns."""
    top_in, row_in = draw_title(place, figure.title), _row_in(figure)
    if figure.also_label:
        _draw_legend(figure, place, y_in=top_in + 0.08)
        top_in += LEGEND_IN
    labels_in = min(max(width_of(row.label) for row in figure.rows) + INDENT_IN + GAP_IN, MOST_LABELS * place.width_in)
    numbers_in = min(max(width_of(_numbers(figure, row)) for row in figure.rows), MOST_NUMBERS_IN) + GAP_IN
    counts_in = max(width_of(_count(row)) for row in figure.rows) + GAP_IN
    axes = place.axes(
        left_in=labels_in,
        top_in=top_in,
        width_in=place.width_in - labels_in - numbers_in - counts_in - GAP_IN,
        height_in=row_in * len(figure.rows),
    )
    _draw_axis(axes, figure, place, row_in=row_in)
    for index, row in enumerate(figure.rows):
        y_in = top_in + row_in * (index + 0.5)
        is_heading = row.value is None and not row.note
        label = shortened(row.label, labels_in - GAP_IN, weight="bold" if is_heading else "normal")
        place.text(0 if is_heading else INDENT_IN, y_in, label, weight="bold" if is_heading else "normal")
        _draw_marks(axes, row, y=-index)
        numbers = shortened(_numbers(figure, row), numbers_in - GAP_IN)
        place.text(place.width_in - counts_in - numbers_in + GAP_IN / 2, y_in, numbers)
        place.text(place.width_in, y_in, _count(row), ha="right", color=MUTED)


def _row_in(figure: IntervalFigure) -> float:
    return ROW_IN if len(figure.rows) <= FEW_ROWS else DENSE_ROW_IN


def _draw_axis(axes: Axes, figure: IntervalFigure, place: Place, *, row_in: float) -> None:
    ends = [end for row in figure.rows for end in (row.low, row.high, row.value, row.also) if end is not None]
    lowest, highest = min([figure.lowest, *ends]), max([figure.highest, *ends])
    margin = 0.02 * (highest - lowest)
    axes.set_xlim(lowest - margin, highest + margin)
    axes.set_ylim(-len(figure.rows) + 0.5, 0.5)
    axes.set_yticks([])
    plain_axes(axes)
    axes.axvline(figure.no_effect, color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)), zorder=0)
    if is_rate(figure):
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_xlabel(figure.axis, fontsize=SMALL_PT, color=MUTED, labelpad=2)
    middle_in = (axes.get_position().x0 + axes.get_position().x1) / 2 * place.sheet.get_size_inches()[0] - place.left_in
    y_in = place.height_in - 0.1
    if figure.left:
        text = shortened(f"\N{LEFTWARDS ARROW} {figure.left}", middle_in - 0.1, points=SMALL_PT)
        place.text(middle_in - 0.1, y_in, text, ha="right", color=MUTED, fontsize=SMALL_PT)
    if figure.right:
        text = f"{figure.right} \N{RIGHTWARDS ARROW}"
        place.text(middle_in + 0.1, y_in, text, ha="left", color=MUTED, fontsize=SMALL_PT)
    if row_in < ROW_IN:  # many rows: a thin line leads the eye from label to point
        for index in range(len(figure.rows)):
            axes.axhline(-index, color=LINE, linewidth=0.4, zorder=0)


def _draw_marks(axes: Axes, row: IntervalRow, *, y: float) -> None:
    if row.low is not None and row.high is not None:
        axes.plot([row.low, row.high], [y, y], color=ACCENT, linewidth=2.0, solid_capstyle="round")
    if row.also is not None:
        axes.plot([row.also], [y], "D", markersize=5, color=PAPER, markeredgecolor=SERIES[1], markeredgewidth=1.4)
    if row.value is not None:
        axes.plot([row.value], [y], "o", markersize=6, color=ACCENT, markeredgecolor=PAPER, markeredgewidth=1.0)


def _draw_legend(figure: IntervalFigure, place: Place, *, y_in: float) -> None:
    axes = place.axes(left_in=0, top_in=y_in - 0.1, width_in=place.width_in, height_in=0.2)
    axes.set_axis_off()
    axes.set_xlim(0, place.width_in)
    axes.set_ylim(-1, 1)
    second_in = 0.45 + width_of(figure.value_label, points=SMALL_PT)
    axes.plot([0.08], [0], "o", markersize=6, color=ACCENT, markeredgecolor=PAPER)
    axes.plot([second_in], [0], "D", markersize=5, color=PAPER, markeredgecolor=SERIES[1], markeredgewidth=1.4)
    place.text(0.2, y_in, figure.value_label, fontsize=SMALL_PT, color=INK)
    place.text(second_in + 0.12, y_in, figure.also_label, fontsize=SMALL_PT, color=INK)


def is_rate(figure: IntervalFigure) -> bool:
    """Whether the axis is a rate from 0 to 1, shown in per cent."""
    return (figure.lowest, figure.highest, figure.no_effect) == (0.0, 1.0, 0.5)


def _numbers(figure: IntervalFigure, row: IntervalRow) -> str:
    if row.value is None:
        return row.note
    scale, digits = (100, 0) if is_rate(figure) else (1, 2)
    value = f"{scale * row.value:.{digits}f}" + (" %" if is_rate(figure) else "")
    if row.low is None or row.high is None:
        return f"{value}  {row.note.removesuffix(': no interval')}".rstrip()  # a point without a line says that itself
    return f"{value}  [{scale * row.low:.{digits}f}, {scale * row.high:.{digits}f}]".replace("-", "\N{MINUS SIGN}")


def _count(row: IntervalRow) -> str:
    return f"n = {row.n_answers}" if row.n_answers else ""
