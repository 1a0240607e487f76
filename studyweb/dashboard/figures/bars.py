"""Diverging stacked bars: ordered answers on both sides of the middle, in per cent of each row's answers."""

from __future__ import annotations

from typing import Any

from studyweb.dashboard.figures.place import (
    ABOVE,
    BELOW,
    INK,
    MIDDLE,
    MUTED,
    ON_STRONG,
    PAPER,
    SMALL_PT,
    Place,
    draw_title,
    plain_axes,
    title_height_in,
    width_of,
    wrapped,
)
from studyweb.dashboard.figures.shapes import BarFigure

ROW_IN, FOOT_IN, LEGEND_ROW_IN = 0.33, 0.3, 0.2
SWATCH_IN, GAP_IN, MOST_LABELS = 0.14, 0.16, 0.36
LEAST_LABELLED = 0.06
"""A part narrower than this share of the axis carries no number."""


def height_in(figure: BarFigure, width_in: float) -> float:
    """How much room the figure needs."""
    legend = LEGEND_ROW_IN * len(_legend_rows(figure, width_in)) + 0.12
    return title_height_in(figure.title, width_in) + legend + ROW_IN * len(figure.rows) + FOOT_IN


def draw(figure: BarFigure, place: Place) -> None:
    """Draw the legend, and a bar for every row."""
    top_in = draw_title(place, figure.title)
    top_in += _draw_legend(figure, place, top_in=top_in) + 0.12
    widest = max(width_of(label) for label, _ in figure.rows)
    labels_in = min(widest + GAP_IN, MOST_LABELS * place.width_in)
    counts_in = max(width_of(f"n = {sum(counts)}") for _, counts in figure.rows) + GAP_IN
    axes = place.axes(
        left_in=labels_in,
        top_in=top_in,
        width_in=place.width_in - labels_in - counts_in,
        height_in=ROW_IN * len(figure.rows),
    )
    reach = _reach(figure)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-len(figure.rows) + 0.5, 0.5)
    axes.set_yticks([])
    plain_axes(axes)
    ticks = [tick for tick in (-100, -75, -50, -25, 0, 25, 50, 75, 100) if abs(tick) <= reach]
    axes.set_xticks(ticks, [f"{abs(tick)} %" for tick in ticks])
    axes.axvline(0, color=MUTED, linewidth=0.9, zorder=0)
    for index, (label, counts) in enumerate(figure.rows):
        y_in = top_in + ROW_IN * (index + 0.5)
        lines = wrapped(label, labels_in - GAP_IN, points=SMALL_PT)[:2]
        for line, text in enumerate(lines):
            place.text(0, y_in + 0.13 * (line - (len(lines) - 1) / 2), text, fontsize=SMALL_PT)
        place.text(place.width_in, y_in, f"n = {sum(counts)}", ha="right", color=MUTED)
        for (left, width), colour, count in zip(_parts(counts), _colours(len(counts)), counts, strict=True):
            axes.barh(-index, width, left=left, height=0.72, color=colour, edgecolor=PAPER, linewidth=0.6)
            if width > LEAST_LABELLED * 2 * reach:
                strong = colour in (BELOW[0], ABOVE[0])
                style: dict[str, Any] = {"color": ON_STRONG if strong else INK, "fontsize": SMALL_PT}
                axes.text(left + width / 2, -index, str(count), ha="center", va="center", **style)


def _parts(counts: tuple[int, ...]) -> list[tuple[float, float]]:
    """(left end, width) of every part, in per cent; the middle of an odd number lies across zero."""
    total = sum(counts) or 1
    widths = [100 * count / total for count in counts]
    half = len(counts) // 2
    left = -sum(widths[:half]) - (widths[half] / 2 if len(counts) % 2 else 0.0)
    parts = []
    for width in widths:
        parts.append((left, width))
        left += width
    return parts


def _reach(figure: BarFigure) -> float:
    ends = [abs(end) for _, counts in figure.rows for left, width in _parts(counts) for end in (left, left + width)]
    return max(25.0, *ends) * 1.02


def _colours(answers: int) -> list[str]:
    """From the left end to the right: three steps a side, the inner ones repeated where there are more."""
    half = answers // 2
    steps = [min(step * 3 // max(half, 1), 2) if half > 3 else step for step in range(half)]
    steps = [0] if half == 1 else steps
    middle = [MIDDLE] if answers % 2 else []
    return [BELOW[step] for step in steps] + middle + [ABOVE[step] for step in reversed(steps)]


def _legend_rows(figure: BarFigure, width_in: float) -> list[list[tuple[float, str, str]]]:
    """Rows of (x, colour, answer) that fit into the width."""
    rows: list[list[tuple[float, str, str]]] = [[]]
    x_in = 0.0
    for answer, colour in zip(figure.answers, _colours(len(figure.answers)), strict=True):
        needed = SWATCH_IN + 0.08 + width_of(answer, points=SMALL_PT) + GAP_IN
        if rows[-1] and x_in + needed > width_in:
            rows.append([])
            x_in = 0.0
        rows[-1].append((x_in, colour, answer))
        x_in += needed
    return rows


def _draw_legend(figure: BarFigure, place: Place, *, top_in: float) -> float:
    rows = _legend_rows(figure, place.width_in)
    axes = place.axes(left_in=0, top_in=top_in, width_in=place.width_in, height_in=LEGEND_ROW_IN * len(rows))
    axes.set_axis_off()
    axes.set_xlim(0, place.width_in)
    axes.set_ylim(-len(rows), 0)
    for line, row in enumerate(rows):
        for x_in, colour, answer in row:
            axes.barh(-line - 0.5, SWATCH_IN, left=x_in, height=0.6, color=colour)
            y_in = top_in + LEGEND_ROW_IN * (line + 0.5)
            place.text(x_in + SWATCH_IN + 0.06, y_in, answer, fontsize=SMALL_PT)
    return LEGEND_ROW_IN * len(rows)
