"""The primary result: the preference rate with a two-way cluster-robust interval.

Variance: Cameron, Gelbach & Miller 2011 (J. Bus. Econ. Stat. 29(2)), V_P + V_T - V_PT, each term with its own factor
G/(G-1) as R's sandwich::vcovCL has it, guarded by max(V_CGM, V_P, V_T); t on min(P, T) - 1 degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from studyweb.stats.ballots import Ballots, FloatArray, IntArray
from studyweb.stats.intervals import Interval, clopper_pearson, mean_interval, t_interval

Estimand = Literal["new_participants_and_tracks", "new_participants_these_tracks"]
ESTIMANDS: tuple[str, ...] = get_args(Estimand)

INDICATIVE_BELOW = 10
"""With fewer participants or tracks than this an interval is labelled "indicative"."""
FEW_TRACKS_BELOW = 20


@dataclass(frozen=True)
class ClusterVariance:
    """The parts of the two-way variance of a mean; all in squared rate units."""

    participant: float
    track: float
    cell: float
    independent: float
    used: float
    rule: str
    """Which part was used: `two-way`, `participant guard`, `track guard`, `cell floor`, `participants only`."""


@dataclass(frozen=True)
class PreferenceEstimate:
    """A preference rate and everything a reader needs to judge it."""

    estimand: Estimand
    rate: float | None
    interval: Interval | None
    n_answers: int
    n_participants: int
    n_tracks: int
    label: str
    """Empty, `indicative` (few participants or tracks) or `degenerate` (all answers alike)."""
    variance: ClusterVariance | None = None
    design_effect: float | None = None
    effective_n: float | None = None
    participant_weighted_rate: float | None = None
    participant_interval: Interval | None = None
    track_interval: Interval | None = None
    notes: tuple[str, ...] = ()


def estimate_preference(
    ballots: Ballots, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> PreferenceEstimate:
    """Mean score of the pair's first system, with the interval that fits the estimand.

    Never NaN: without answers, with one participant or with one track there is no interval, and `notes` says why.
    Raises ValueError for an unknown estimand or a level outside (0, 1).
    """
    if estimand not in ESTIMANDS:
        raise ValueError(f"unknown estimand {estimand!r}; expected one of {', '.join(ESTIMANDS)}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"the level must lie between 0 and 1, not {level}")
    n_answers = ballots.n_answers
    if n_answers == 0:
        return PreferenceEstimate(estimand, None, None, 0, 0, 0, label="", notes=("no answers yet",))
    cells = CellSums.of(ballots.score, ballots.participant, ballots.track)
    rate = float(ballots.score.mean())
    by_participant = cells.score.sum(axis=1) / cells.count.sum(axis=1)
    by_track = cells.score.sum(axis=0) / cells.count.sum(axis=0)
    participants, tracks = cells.count.shape
    indicative = min(participants, tracks) < INDICATIVE_BELOW
    variance = cluster_variance(cells, rate=rate, spread=float(np.var(ballots.score)), estimand=estimand)
    interval, label, notes = _interval(ballots, cells, rate=rate, variance=variance, estimand=estimand, level=level)
    design_effect = variance.used / variance.independent if interval and variance.independent > 0 else None
    return PreferenceEstimate(
        estimand=estimand,
        rate=rate,
        interval=interval,
        n_answers=n_answers,
        n_participants=participants,
        n_tracks=tracks,
        label=label or ("indicative" if indicative else ""),
        variance=variance,
        design_effect=design_effect,
        effective_n=n_answers / design_effect if design_effect else None,
        participant_weighted_rate=float(by_participant.mean()),
        participant_interval=mean_interval(by_participant, level=level, method="participant means"),
        track_interval=mean_interval(by_track, level=level, method="track means"),
        notes=notes,
    )


@dataclass(frozen=True)
class CellSums:
    """Scores and counts by participant and track, [P, T]: all that the variance needs."""

    score: FloatArray
    count: FloatArray

    @classmethod
    def of(cls, score: FloatArray, participant: IntArray, track: IntArray) -> CellSums:
        """Sums over rows; codes must be dense."""
        shape = (int(participant.max()) + 1, int(track.max()) + 1)
        code = participant * shape[1] + track
        size = shape[0] * shape[1]
        return cls(
            score=np.bincount(code, weights=score, minlength=size).astype(np.float64).reshape(shape),
            count=np.bincount(code, minlength=size).reshape(shape).astype(np.float64),
        )


def cluster_variance(cells: CellSums, *, rate: float, spread: float, estimand: Estimand) -> ClusterVariance:
    """The variance of the mean over all answers, from cell sums [P, T]; `spread` is the scores' plain variance."""
    n = float(cells.count.sum())
    residual = cells.score - rate * cells.count
    by_participant = _one_way(residual.sum(axis=1), n)
    by_track = _one_way(residual.sum(axis=0), n)
    by_cell = _one_way(residual[cells.count > 0], n)
    independent = spread / (n - 1) if n > 1 else 0.0
    if estimand == "new_participants_these_tracks":
        candidates = {"participants only": by_participant}
    else:
        candidates = {
            "two-way": by_participant + by_track - by_cell,
            "participant guard": by_participant,
            "track guard": by_track,
        }
    rule = max(candidates, key=lambda name: candidates[name])
    used = candidates[rule]
    # A checkerboard cancels within every participant and track; its cells still vary, so the interval must too.
    if used <= 1e-15 and by_cell > 1e-15:
        rule, used = "cell floor", by_cell
    return ClusterVariance(by_participant, by_track, by_cell, independent, max(used, 0.0), rule)


def _one_way(sums: FloatArray, n: float) -> float:
    groups = sums.size
    if groups < 2:
        return 0.0
    return groups / (groups - 1) * float(sums @ sums) / n**2


def _interval(
    ballots: Ballots, cells: CellSums, *, rate: float, variance: ClusterVariance, estimand: Estimand, level: float
) -> tuple[Interval | None, str, tuple[str, ...]]:
    participants, tracks = cells.count.shape
    if participants < 2:
        return None, "", ("one participant: no interval",)
    if tracks < 2 and estimand == "new_participants_and_tracks":
        return None, "", ("one track: no interval",)
    if float(np.ptp(ballots.score)) == 0.0:
        return _all_alike(rate, participants, level=level)
    notes = []
    if variance.rule not in ("two-way", "participants only"):
        notes.append(f"the variance guard acted: {variance.rule}")
    if tracks < FEW_TRACKS_BELOW and estimand == "new_participants_and_tracks":
        notes.append(f"{tracks} tracks: below {FEW_TRACKS_BELOW}, more participants narrow this interval little")
    df = participants - 1 if estimand == "new_participants_these_tracks" else min(participants, tracks) - 1
    both = estimand == "new_participants_and_tracks"
    method = "clustered by participant and track" if both else "clustered by participant"
    return t_interval(rate, variance.used, df=df, level=level, method=method), "", tuple(notes)


def _all_alike(rate: float, participants: int, *, level: float) -> tuple[Interval | None, str, tuple[str, ...]]:
    if rate == 0.5:
        return None, "degenerate", ("every answer is no preference: no interval",)
    won = participants if rate == 1.0 else 0
    interval = clopper_pearson(won, participants, level=level)
    return interval, "degenerate", ("all answers are alike: the exact interval counts participants, not answers",)
