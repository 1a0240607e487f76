"""Estimates that solve score equations, with the guarded two-way clustered variance of their influence values.

The sandwich of Cameron, Gelbach & Miller 2011 for any such estimate: an answer's influence is its score times the
inverse information, and the estimate's variance is that of the influences' sum, clustered as a mean's in clusters.py;
R's sandwich::vcovCL(type = "HC0", cadjust = TRUE) but for the guard.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from studyweb.stats.clusters import (
    CellSums,
    ClusterVariance,
    Estimand,
    FloatArray,
    IntArray,
    cluster_variance,
    degrees_of_freedom,
    method_of,
    why_no_interval,
)
from studyweb.stats.intervals import Interval


@dataclass(frozen=True)
class ClusteredEffect:
    """An estimate on an unbounded scale (log-odds, scale points) with its clustered variance."""

    value: float
    variance: ClusterVariance
    interval: Interval | None
    note: str
    """Why there is no interval; empty when there is one."""


def clustered_effect(
    value: float,
    influence: FloatArray,
    *,
    participant: IntArray,
    track: IntArray,
    estimand: Estimand,
    level: float,
    quantile: float | None = None,
) -> ClusteredEffect:
    """The t interval of an estimate from its answers' influence [n]; `quantile` replaces t where several are joined."""
    pulls = influence.size * influence
    cells = CellSums.of(pulls, participant, track)
    variance = cluster_variance(cells, mean=0.0, spread=float(np.var(pulls)), estimand=estimand)
    if reason := why_no_interval(cells, estimand=estimand):
        return ClusteredEffect(value, variance, None, reason)
    df = degrees_of_freedom(cells, estimand=estimand)
    reach = (quantile or float(stats.t.ppf(0.5 + level / 2, df))) * math.sqrt(variance.used)
    method = f"{method_of(estimand)}, {'simultaneous' if quantile else 't'} with {df} degrees of freedom"
    return ClusteredEffect(value, variance, Interval(value - reach, value + reach, level, method), "")
