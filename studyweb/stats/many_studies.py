"""The primary interval of thousands of simulated studies at once: the same numbers as preference.py, as arrays.

Used where one study is not enough: planning and measured coverage. All studies share who judges what.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from studyweb.stats.answer_model import Meetings
from studyweb.stats.clusters import SMALLEST, Estimand, FloatArray, IntArray
from studyweb.stats.intervals import clopper_pearson


@dataclass(frozen=True)
class ManyIntervals:
    """One entry per study: the rate and the ends of its interval, [studies].

    A study whose answers are all ties has no interval; its ends are 0 and 1 here, so that it decides nothing.
    """

    rate: FloatArray
    low: FloatArray
    high: FloatArray

    def covers(self, rate: float) -> NDArray[np.bool_]:
        """Which intervals hold a rate."""
        held: NDArray[np.bool_] = (self.low <= rate) & (rate <= self.high)
        return held

    @property
    def half_width(self) -> FloatArray:
        """Half the length of every interval."""
        return (self.high - self.low) / 2


def primary_intervals(
    scores: FloatArray, meetings: Meetings, *, level: float, estimand: Estimand = "new_participants_and_tracks"
) -> ManyIntervals:
    """`estimate_preference` of every row of scores [studies, n].

    Everybody meets a track at most once, so that a cell is an answer. Raises ValueError where someone meets one twice.
    """
    rate = scores.mean(axis=1)
    variance = _variances(scores - rate[:, None], meetings, estimand=estimand)
    clusters = meetings.n_participants
    if estimand == "new_participants_and_tracks":
        clusters = min(clusters, meetings.n_tracks)
    half_width = float(stats.t.ppf(0.5 + level / 2, clusters - 1)) * np.sqrt(variance)
    low, high = rate - half_width, rate + half_width
    leaves = ((low < 0.0) | (high > 1.0)) & (rate > 0.0) & (rate < 1.0)
    if leaves.any():
        inner, reach = rate[leaves], half_width[leaves] / (rate[leaves] * (1 - rate[leaves]))
        low[leaves], high[leaves] = expit(logit(inner) - reach), expit(logit(inner) + reach)
    _all_alike(scores, low, high, participants=meetings.n_participants, level=level)
    return ManyIntervals(rate, low, high)


def _all_alike(scores: FloatArray, low: FloatArray, high: FloatArray, *, participants: int, level: float) -> None:
    """The ends of studies without any variation, in place: exact on participants, or nothing known."""
    alike = scores.min(axis=1) == scores.max(axis=1)
    for value, won in ((0.0, 0), (1.0, participants)):
        exact = clopper_pearson(won, participants, level=level)
        same = alike & (scores[:, 0] == value)
        low[same], high[same] = exact.low, exact.high
    ties = alike & (scores[:, 0] == 0.5)
    low[ties], high[ties] = 0.0, 1.0


def _variances(residual: FloatArray, meetings: Meetings, *, estimand: Estimand) -> FloatArray:
    """clusters.cluster_variance by rows, with its guards and floors."""
    n = residual.shape[1]
    if np.unique(meetings.participant * meetings.n_tracks + meetings.track).size != n:
        raise ValueError("somebody meets a track twice; cells must be single answers here")
    by_participant = _one_way(residual, meetings.participant)
    cells = n / (n - 1) * np.einsum("sn,sn->s", residual, residual) / n**2
    if estimand == "new_participants":
        used = by_participant
    else:
        by_track = _one_way(residual, meetings.track)
        used = np.maximum(np.maximum(by_participant, by_track), by_participant + by_track - cells)
    floored: FloatArray = np.where((used <= SMALLEST) & (cells > SMALLEST), cells, used)
    return floored


def _one_way(residual: FloatArray, codes: IntArray) -> FloatArray:
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 1))
    sums = np.add.reduceat(residual[:, order], starts, axis=1)
    groups = starts.size
    variance: FloatArray = groups / (groups - 1) * np.einsum("sg,sg->s", sums, sums) / residual.shape[1] ** 2
    return variance
