"""Several criteria at once: Holm's adjusted p-values, and intervals that hold together (max-|t|).

Holm 1979 (Scand. J. Stat. 6(2)) needs to know nothing of how criteria go together; the simultaneous intervals use it
(Hothorn, Bretz & Westfall 2008, Biom. J. 50(3)), with the two-way clustered covariance of joint.py. A criterion that
was declared primary before anyone took part stands outside the family and is not adjusted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from studyweb.stats.ballots import closed_up
from studyweb.stats.clusters import SMALLEST, Estimand, FloatArray
from studyweb.stats.differences import PairedRatings
from studyweb.stats.intervals import Interval
from studyweb.stats.joint import joint_quantile, two_way_covariance
from studyweb.stats.sandwich import ClusteredEffect, clustered_effect


@dataclass(frozen=True)
class JudgedTogether:
    """One criterion's mean difference beside the others."""

    p_value: float | None
    """Two-sided, of no difference on average; None where there is no interval."""
    adjusted_p: float | None
    """By Holm over the family; the primary criterion has none."""
    interval: Interval | None
    """Holds for all of the family at once; for the primary criterion its own."""
    note: str
    """Why there is no interval; empty when there is one."""


@dataclass(frozen=True)
class _Member:
    """One criterion's differences, over the trials in which both got a number."""

    influence: FloatArray
    """[n] over all trials, 0 in those without both numbers: the pull of each on the mean."""
    mean: float
    effect: ClusteredEffect
    df: int

    @property
    def varies(self) -> bool:
        """Whether it can be tested: two clusters, and differences that are not all alike."""
        return self.effect.interval is not None and self.effect.variance.used > SMALLEST

    @property
    def p_value(self) -> float | None:
        """Of no difference on average, by t."""
        if not self.varies:
            return None
        return float(2 * stats.t.sf(abs(self.mean) / math.sqrt(self.effect.variance.used), self.df))

    def interval(self, quantile: float | None, *, level: float) -> Interval | None:
        """The criterion's own interval, or at so many standard errors the one that holds with the others."""
        own = self.effect.interval
        if not self.varies or own is None or quantile is None:
            return own if self.varies else None
        reach = quantile * math.sqrt(self.effect.variance.used)
        return Interval(self.mean - reach, self.mean + reach, level, f"{own.method}, simultaneous (max-|t|)")


def judge_together(
    ratings: Mapping[str, PairedRatings], *, primary: str = "", estimand: Estimand, level: float
) -> dict[str, JudgedTogether]:
    """Every criterion that somebody rated for both; rows must be the same trials in the same order for each."""
    members = {name: _member(each, estimand=estimand, level=level) for name, each in ratings.items()}
    rated = {name: member for name, member in members.items() if member is not None}
    family = [name for name, member in rated.items() if name != primary and member.varies]
    adjusted = dict(zip(family, holm([rated[name].p_value or 0.0 for name in family]), strict=True))
    quantile = None
    if len(family) > 1:
        first = ratings[family[0]]
        influence = np.column_stack([rated[name].influence for name in family])
        covariance = two_way_covariance(influence, participant=first.participant, track=first.track, estimand=estimand)
        quantile = joint_quantile(covariance, df=min(rated[name].df for name in family), level=level)
    return {
        name: JudgedTogether(
            p_value=member.p_value,
            adjusted_p=adjusted.get(name),
            interval=member.interval(quantile if name in family else None, level=level),
            note=member.effect.note or ("" if member.varies else "all differences are alike: no interval"),
        )
        for name, member in rated.items()
    }


def _member(ratings: PairedRatings, *, estimand: Estimand, level: float) -> _Member | None:
    within = ratings.first - ratings.second
    rows = ~np.isnan(within)
    if not rows.any():
        return None
    mean, people, tracks = (
        float(within[rows].mean()),
        closed_up(ratings.participant[rows]),
        closed_up(ratings.track[rows]),
    )
    influence = np.where(rows, within - mean, 0.0) / rows.sum()
    effect = clustered_effect(mean, influence[rows], participant=people, track=tracks, estimand=estimand, level=level)
    clusters = people.max() if estimand == "new_participants" else min(people.max(), tracks.max())
    return _Member(influence, mean, effect, df=int(clusters))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: each holds the family's error at the level it is compared with."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
