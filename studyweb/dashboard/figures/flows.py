"""The flow of participants: boxes from top to bottom, and beside them who did not come further, and why."""

from __future__ import annotations

from studyweb.dashboard.figures.place import (
    INK,
    LINE,
    MUTED,
    SMALL_PT,
    Place,
    draw_title,
    title_height_in,
    wrapped,
)
from studyweb.dashboard.figures.shapes import FlowFigure, FlowStep

BOX_IN, LINE_IN, GAP_IN = 0.34, 0.17, 0.16
MAIN_SHARE, SIDE_AT = 0.44, 0.52
"""The main column's width and where the side boxes begin, as shares of the width."""


def height_in(figure: FlowFigure, width_in: float) -> float:
    """How much room the figure needs."""
    return title_height_in(figure.title, width_in) + sum(_step_in(step, width_in) for step in figure.steps)


def draw(figure: FlowFigure, place: Place) -> None:
    """Draw the boxes, joined by lines."""
    top_in = draw_title(place, figure.title)
    axes = place.axes(left_in=0, top_in=top_in, width_in=place.width_in, height_in=place.height_in - top_in)
    axes.set_axis_off()
    axes.set_xlim(0, place.width_in)
    axes.set_ylim(place.height_in - top_in, 0)
    middle = MAIN_SHARE * place.width_in / 2
    y_in = 0.0
    for number, step in enumerate(figure.steps):
        after_in = y_in + _step_in(step, place.width_in)
        if number + 1 < len(figure.steps):
            axes.plot([middle, middle], [y_in + BOX_IN, after_in], color=MUTED, linewidth=1)
        _draw_box(
            axes, place, 0.0, y_in, MAIN_SHARE * place.width_in, [f"{step.label}: {step.count}"], top_in, bold=True
        )
        if step.left:
            lines, side_in = _side_lines(step, place.width_in), y_in + BOX_IN + GAP_IN / 2
            centre = side_in + (LINE_IN * len(lines) + 0.14) / 2
            axes.plot([middle, SIDE_AT * place.width_in], [centre, centre], color=MUTED, linewidth=1)
            side_width = (1 - SIDE_AT) * place.width_in
            _draw_box(axes, place, SIDE_AT * place.width_in, side_in, side_width, lines, top_in, bold=False)
        y_in = after_in


def _side_lines(step: FlowStep, width_in: float) -> list[str]:
    texts = [f"{label}: {count}" for label, count in step.left]
    return [line for text in texts for line in wrapped(text, (1 - SIDE_AT) * width_in - 0.2, points=SMALL_PT)]


def _step_in(step: FlowStep, width_in: float) -> float:
    side = LINE_IN * len(_side_lines(step, width_in)) + 0.14 + GAP_IN if step.left else GAP_IN
    return BOX_IN + side


def _draw_box(
    axes: object,
    place: Place,
    x_in: float,
    y_in: float,
    width_in: float,
    lines: list[str],
    top_in: float,
    *,
    bold: bool,
) -> None:
    from matplotlib.patches import Rectangle

    height = BOX_IN if bold else LINE_IN * len(lines) + 0.14
    box = Rectangle(
        (x_in + 0.01, y_in + 0.01), width_in - 0.02, height - 0.02, fill=False, edgecolor=LINE, linewidth=1.2
    )
    axes.add_patch(box)  # type: ignore[attr-defined]
    for number, line in enumerate(lines):
        offset = height / 2 + LINE_IN * (number - (len(lines) - 1) / 2)
        style = {"weight": "bold"} if bold else {"fontsize": SMALL_PT}
        place.text(x_in + 0.1, top_in + y_in + offset, line, color=INK, **style)
