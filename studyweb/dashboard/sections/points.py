"""Estimates as what figures draw, and preferences over a measure in bins."""

from __future__ import annotations

import numpy as np

from studyweb.dashboard.figures.shapes import CurvePoint, IntervalRow
from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import FloatArray
from studyweb.stats.intervals import Interval
from studyweb.stats.preference import PreferenceEstimate, estimate_preference

MOST_BINS = 6
Bins = list[tuple[float, PreferenceEstimate]]
"""(mean of the measure, preference rate), in order."""


def interval_row(label: str, value: float | None, interval: Interval | None, *, n: int, note: str = "") -> IntervalRow:
    """A line of an interval figure; the note says why there is no interval."""
    if interval is None:
        return IntervalRow(label, value, n_answers=n, note=note)
    return IntervalRow(label, value, interval.low, interval.high, n_answers=n)


def rate_line(label: str, estimate: PreferenceEstimate) -> IntervalRow:
    """A preference rate as such a line."""
    return interval_row(label, estimate.rate, estimate.interval, n=estimate.n_answers, note="; ".join(estimate.notes))


def binned(measure: FloatArray, ballots: Ballots, *, level: float) -> Bins:
    """The preference rate in bins of about equally many answers, by a measure [n] of the same rows.

    A bin holds few tracks, so that its interval is for these tracks: clustered by participant.
    """
    if measure.size == 0:
        return []
    edges = np.unique(np.quantile(measure, np.linspace(0, 1, MOST_BINS + 1)))[1:-1]
    place = np.searchsorted(edges, measure, side="right")
    bins = []
    for each in np.unique(place):
        rows = place == each
        estimate = estimate_preference(ballots.subset(rows), estimand="new_participants", level=level)
        bins.append((float(measure[rows].mean()), estimate))
    return bins


def curve_points(bins: Bins) -> tuple[CurvePoint, ...]:
    """Bins as points of a curve."""
    return tuple(_point(x, estimate) for x, estimate in bins)


def _point(x: float, estimate: PreferenceEstimate) -> CurvePoint:
    interval, rate = estimate.interval, estimate.rate or 0.0
    if interval is None:
        return CurvePoint(x, rate, n_answers=estimate.n_answers)
    return CurvePoint(x, rate, interval.low, interval.high, n_answers=estimate.n_answers)
