"""More than two systems on one scale: Bradley-Terry strengths with two-way clustered intervals and simultaneous ranks.

Log-odds of i over j are strength_i - strength_j (Bradley & Terry 1952, Biometrika 39), plus the effect of the side
(Davidson & Beaver 1977). Ties: paired_fit.py. All differences get intervals that hold together (max-|t|), and a rank is
bounded by the systems that differ (Mogstad, Romano, Shaikh & Wilhelm 2024, Rev. Econ. Stud. 91(1)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from studyweb.stats.clusters import Estimand, FloatArray
from studyweb.stats.comparisons import Comparisons, why_not_connected
from studyweb.stats.joint import joint_quantile, two_way_covariance
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_fit import PairedFit, TieModel, fit_paired
from studyweb.stats.preference import INDICATIVE_BELOW
from studyweb.stats.sandwich import ClusteredEffect, clustered_effect


@dataclass(frozen=True)
class RankedSystem:
    """One system's place."""

    name: str
    strength: ClusteredEffect
    """Log-odds over the average system; 0 is average. The interval is for this one alone."""
    best_rank: int
    """1 is the first. With the stated level all systems' ranks lie between best and worst at once."""
    worst_rank: int


@dataclass(frozen=True)
class Difference:
    """Two systems compared through the whole scale."""

    first: str
    second: str
    log_odds: ClusteredEffect
    """Of first over second; the intervals of all differences hold at once."""
    n_direct: int
    """Answers in which these two met."""
    direct_rate: float | None
    """Share won by `first` when they met, ties as half; far from the scale's rate: no single scale fits."""


@dataclass(frozen=True)
class Ranking:
    """All systems of a study on one scale."""

    ties: TieModel
    estimand: Estimand
    n_answers: int
    n_participants: int
    n_tracks: int
    systems: tuple[RankedSystem, ...]
    """Strongest first."""
    differences: tuple[Difference, ...]
    side: ClusteredEffect | None
    """Log-odds that standing in slot A adds; None where it cannot be told apart."""
    joint_quantile: float | None
    """Standard errors to either side in the differences' intervals."""
    log_likelihood: float
    label: str
    """Empty, or `indicative` (few participants or tracks)."""
    notes: tuple[str, ...]


def rank_systems(
    comparisons: Comparisons,
    *,
    ties: TieModel = "half",
    estimand: Estimand = "new_participants_and_tracks",
    level: float = 0.95,
) -> Ranking | NotFitted:
    """Strengths, differences and ranks, or the reason why the systems cannot be put on one scale.

    Raises ValueError for an unknown model of ties.
    """
    ballots, count = comparisons.ballots, len(comparisons.systems)
    if ballots.n_answers == 0 or count < 2:
        return NotFitted("no answers" if count > 1 else "one system: nothing to rank")
    if reason := why_not_connected(comparisons):
        return NotFitted(reason)
    design, has_side = _design(comparisons)
    fit = fit_paired(design, ballots.score, ties=ties)
    if isinstance(fit, NotFitted):
        return fit
    return _ranking(comparisons, fit, _Scale(comparisons, fit, estimand, level), has_side=has_side)


def _design(comparisons: Comparisons) -> tuple[FloatArray, bool]:
    """Columns for all systems but the first, then the side where it can be told apart from them."""
    rows = np.arange(comparisons.first.size)
    systems = np.zeros((rows.size, len(comparisons.systems)))
    systems[rows, comparisons.first] = 1.0
    systems[rows, comparisons.second] = -1.0
    with_side = np.column_stack([systems[:, 1:], np.where(comparisons.ballots.first_is_a, 0.5, -0.5)])
    has_side = bool(np.linalg.matrix_rank(with_side.T @ with_side) == with_side.shape[1])
    return (with_side if has_side else systems[:, 1:]), has_side


@dataclass(frozen=True)
class _Scale:
    """Makes effects of a fit's parameters."""

    comparisons: Comparisons
    fit: PairedFit
    estimand: Estimand
    level: float

    def effect(self, weights: FloatArray, *, quantile: float | None = None) -> ClusteredEffect:
        """A combination of the parameters."""
        ballots = self.comparisons.ballots
        return clustered_effect(
            float(weights @ self.fit.parameters),
            self.fit.influence @ weights,
            participant=ballots.participant,
            track=ballots.track,
            estimand=self.estimand,
            level=self.level,
            quantile=quantile,
        )

    def strengths(self) -> FloatArray:
        """[K, q] what gives every system's strength over the average."""
        count = len(self.comparisons.systems)
        raw = np.zeros((count, self.fit.parameters.size))
        raw[1:, : count - 1] = np.eye(count - 1)
        return np.asarray(raw - raw.mean(axis=0), dtype=np.float64)

    def quantile(self, weights: FloatArray) -> float | None:
        """For all rows of weights [m, q] at once; None where there is no interval."""
        ballots = self.comparisons.ballots
        clusters = [int(ballots.participant.max()) + 1]
        if self.estimand == "new_participants_and_tracks":
            clusters.append(int(ballots.track.max()) + 1)
        if min(clusters) < 2:
            return None
        covariance = two_way_covariance(
            self.fit.influence @ weights.T,
            participant=ballots.participant,
            track=ballots.track,
            estimand=self.estimand,
        )
        return joint_quantile(covariance, df=min(clusters) - 1, level=self.level)


def _ranking(comparisons: Comparisons, fit: PairedFit, scale: _Scale, *, has_side: bool) -> Ranking:
    count, ballots = len(comparisons.systems), comparisons.ballots
    strengths = scale.strengths()
    pairs = list(combinations(range(count), 2))
    quantile = scale.quantile(np.array([strengths[i] - strengths[j] for i, j in pairs]))
    effects = {(i, j): scale.effect(strengths[i] - strengths[j], quantile=quantile) for i, j in pairs}
    people, tracks = int(ballots.participant.max()) + 1, int(ballots.track.max()) + 1
    side = np.eye(fit.parameters.size)[count - 1] if has_side else None
    return Ranking(
        ties=fit.ties,
        estimand=scale.estimand,
        n_answers=ballots.n_answers,
        n_participants=people,
        n_tracks=tracks,
        systems=_ranked(comparisons.systems, [scale.effect(weights) for weights in strengths], effects),
        differences=tuple(_difference(comparisons, i, j, effect) for (i, j), effect in effects.items()),
        side=None if side is None else scale.effect(side),
        joint_quantile=quantile,
        log_likelihood=fit.log_likelihood,
        label="indicative" if min(people, tracks) < INDICATIVE_BELOW else "",
        notes=tuple(_notes(effects, has_side=has_side)),
    )


def _ranked(
    names: tuple[str, ...], strengths: list[ClusteredEffect], effects: dict[tuple[int, int], ClusteredEffect]
) -> tuple[RankedSystem, ...]:
    best, worst = [1] * len(names), [len(names)] * len(names)
    for (i, j), effect in effects.items():
        if effect.interval is None or effect.interval.low <= 0.0 <= effect.interval.high:
            continue
        better, other = (i, j) if effect.value > 0 else (j, i)
        worst[better] -= 1
        best[other] += 1
    order = sorted(range(len(names)), key=lambda place: -strengths[place].value)
    return tuple(RankedSystem(names[place], strengths[place], best[place], worst[place]) for place in order)


def _difference(comparisons: Comparisons, i: int, j: int, effect: ClusteredEffect) -> Difference:
    forward = (comparisons.first == i) & (comparisons.second == j)
    backward = (comparisons.first == j) & (comparisons.second == i)
    met = int(forward.sum() + backward.sum())
    score = comparisons.ballots.score
    won = float(score[forward].sum() + (1 - score[backward]).sum())
    names = comparisons.systems
    return Difference(names[i], names[j], effect, met, won / met if met else None)


def _notes(effects: dict[tuple[int, int], ClusteredEffect], *, has_side: bool) -> Iterator[str]:
    if not has_side:
        yield "sides and systems cannot be told apart: no effect of the side is estimated"
    yield from sorted({effect.note for effect in effects.values() if effect.note})
