"""What a figure shows, as plain data: made by the sections of a report, drawn by a job."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class IntervalRow:
    """One line of an interval plot; without a value it is a heading, without an interval a point with a note."""

    label: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n_answers: int = 0
    note: str = ""
    also: float | None = None
    """A second value on the same line, drawn hollow; `also_label` of the figure says what it is."""


@dataclass(frozen=True)
class IntervalFigure:
    """Points with intervals on one axis: preference rates (0 to 1) or differences."""

    title: str
    axis: str
    left: str
    right: str
    rows: tuple[IntervalRow, ...]
    no_effect: float = 0.5
    lowest: float = 0.0
    highest: float = 1.0
    """Ends of the axis; wider where an interval is."""
    value_label: str = ""
    also_label: str = ""
    """What the full and the hollow points are; needed where rows have both."""


@dataclass(frozen=True)
class BarFigure:
    """Diverging stacked bars: counts of ordered answers on both sides of the middle."""

    title: str
    answers: tuple[str, ...]
    """In order, from the left end to the right; an odd number has its middle answer drawn across the zero line."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class CurvePoint:
    """A measured point of a curve, with its interval where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None
    n_answers: int = 0


@dataclass(frozen=True)
class CurveSeries:
    """Points and, where one was fitted, the line through them."""

    label: str
    points: tuple[CurvePoint, ...]
    line: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class CurveFigure:
    """One or more series over a continuous axis, such as a psychometric curve over dB."""

    title: str
    x_axis: str
    y_axis: str
    series: tuple[CurveSeries, ...]
    no_effect: float | None = 0.5


@dataclass(frozen=True)
class FlowStep:
    """One box of a flow, and the side boxes of those who did not come further."""

    label: str
    count: int
    left: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class FlowFigure:
    """From everybody to those who are analysed, top to bottom."""

    title: str
    steps: tuple[FlowStep, ...]


Figure = IntervalFigure | BarFigure | CurveFigure | FlowFigure
