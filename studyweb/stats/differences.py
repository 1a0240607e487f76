"""Ratings of two advices compared within trials: the mean difference with the same clustered interval as choices."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studyweb.stats.clusters import (
    CellSums,
    Estimand,
    FloatArray,
    IntArray,
    cluster_variance,
    degrees_of_freedom,
    method_of,
    why_no_interval,
)
from studyweb.stats.intervals import Interval
from studyweb.stats.preference import INDICATIVE_BELOW


@dataclass(frozen=True)
class PairedRatings:
    """Ratings of both advices of trials, for the pair's first and second system.

    first, second: [n] scale points 1..7, NaN where the answer was "can't tell"; participant, track: [n] codes.
    """

    first: FloatArray
    second: FloatArray
    participant: IntArray
    track: IntArray


@dataclass(frozen=True)
class DifferenceEstimate:
    """Means of both systems' ratings and of their difference within trials, in scale points."""

    first_mean: float | None
    second_mean: float | None
    first_n: int
    """Trials in which the first system's advice got a number."""
    second_n: int
    cant_tell_first: int
    cant_tell_second: int
    difference: float | None
    """Mean of first minus second over the trials in which both got a number."""
    interval: Interval | None
    n_trials: int
    """Trials in which both got a number."""
    n_participants: int
    n_tracks: int
    label: str
    """Empty, or `indicative` (few participants or tracks)."""
    note: str
    """Why there is no interval; empty when there is one."""


def estimate_difference(
    ratings: PairedRatings, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> DifferenceEstimate:
    """The mean within-trial difference, t on the smaller number of clusters minus one; never NaN.

    Both advices of a trial are rated by the same person about the same passage, so differences within trials leave
    out how high a person rates in general. "Can't tell" is no number: such trials are counted, not averaged.
    """
    has_first, has_second = ~np.isnan(ratings.first), ~np.isnan(ratings.second)
    has_both = has_first & has_second
    within = np.where(has_both, ratings.first - ratings.second, 0.0)
    cells = _cells_of(ratings, within, has_both)
    n_trials = int(has_both.sum())
    difference = float(within.sum()) / n_trials if n_trials else None
    interval, note = _interval(cells, within[has_both], estimand=estimand, level=level)
    participants, tracks = cells.count.shape
    return DifferenceEstimate(
        first_mean=_mean(ratings.first[has_first]),
        second_mean=_mean(ratings.second[has_second]),
        first_n=int(has_first.sum()),
        second_n=int(has_second.sum()),
        cant_tell_first=int((~has_first).sum()),
        cant_tell_second=int((~has_second).sum()),
        difference=difference,
        interval=interval,
        n_trials=n_trials,
        n_participants=participants,
        n_tracks=tracks,
        label="indicative" if 0 < min(participants, tracks) < INDICATIVE_BELOW else "",
        note=note,
    )


def _cells_of(ratings: PairedRatings, within: FloatArray, has_both: NDArray[np.bool_]) -> CellSums:
    """Sums over trials in which both were rated, without participants and tracks that have none."""
    if not has_both.any():
        return CellSums(np.zeros((0, 0)), np.zeros((0, 0)))
    cells = CellSums.of(within, ratings.participant, ratings.track, counted=has_both)
    people, tracks = cells.count.any(axis=1), cells.count.any(axis=0)
    return CellSums(cells.total[people][:, tracks], cells.count[people][:, tracks])


def _interval(cells: CellSums, within: FloatArray, *, estimand: Estimand, level: float) -> tuple[Interval | None, str]:
    if within.size == 0:
        return None, "nobody rated both"
    if reason := why_no_interval(cells, estimand=estimand):
        return None, reason
    if float(np.ptp(within)) == 0.0:
        return None, "all differences are alike: no interval"
    mean = float(within.mean())
    variance = cluster_variance(cells, mean=mean, spread=float(np.var(within)), estimand=estimand)
    df = degrees_of_freedom(cells, estimand=estimand)
    half_width = float(stats.t.ppf(0.5 + level / 2, df)) * math.sqrt(variance.used)
    method = f"{method_of(estimand)}, t with {df} degrees of freedom"
    return Interval(mean - half_width, mean + half_width, level, method), ""


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if values.size else None
