"""The primary result: the preference rate with a two-way cluster-robust interval.

The variance is that of clusters.py; the interval is t on min(P, T) - 1 degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import (
    ESTIMANDS,
    CellSums,
    ClusterVariance,
    Estimand,
    cluster_variance,
    degrees_of_freedom,
    method_of,
    why_no_interval,
)
from studyweb.stats.intervals import Interval, clopper_pearson, mean_interval, t_interval
from studyweb.stats.tally import Outcomes

INDICATIVE_BELOW = 10
"""With fewer participants or tracks than this an interval is labelled "indicative"."""
FEW_TRACKS_BELOW = 20


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
    return estimate_from_outcomes(ballots.tally.of_first_system, estimand=estimand, level=level)


def estimate_from_outcomes(outcomes: Outcomes, *, estimand: Estimand, level: float) -> PreferenceEstimate:
    """`estimate_preference` of answers that are counted already."""
    if estimand not in ESTIMANDS:
        raise ValueError(f"unknown estimand {estimand!r}; expected one of {', '.join(ESTIMANDS)}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"the level must lie between 0 and 1, not {level}")
    n_answers = outcomes.n_answers
    if n_answers == 0:
        return PreferenceEstimate(estimand, None, None, 0, 0, 0, label="", notes=("no answers yet",))
    cells, (_, ties, wins) = outcomes.cells(), outcomes.totals
    rate = (wins + ties / 2) / n_answers
    spread = (wins + ties / 4) / n_answers - rate**2
    variance = cluster_variance(cells, mean=rate, spread=spread, estimand=estimand)
    interval, label, notes = _interval(outcomes, cells, rate=rate, variance=variance, level=level, estimand=estimand)
    design_effect = variance.used / variance.independent if interval and variance.independent > 0 else None
    by_participant = cells.total.sum(axis=1) / cells.count.sum(axis=1)
    by_track = cells.total.sum(axis=0) / cells.count.sum(axis=0)
    is_indicative = min(cells.count.shape) < INDICATIVE_BELOW
    return PreferenceEstimate(
        estimand=estimand,
        rate=rate,
        interval=interval,
        n_answers=n_answers,
        n_participants=cells.count.shape[0],
        n_tracks=cells.count.shape[1],
        label=label or ("indicative" if is_indicative else ""),
        variance=variance,
        design_effect=design_effect,
        effective_n=n_answers / design_effect if design_effect else None,
        participant_weighted_rate=float(by_participant.mean()),
        participant_interval=mean_interval(by_participant, level=level, method="participant means"),
        track_interval=mean_interval(by_track, level=level, method="track means"),
        notes=notes,
    )


def _interval(
    outcomes: Outcomes, cells: CellSums, *, rate: float, variance: ClusterVariance, estimand: Estimand, level: float
) -> tuple[Interval | None, str, tuple[str, ...]]:
    participants, tracks = cells.count.shape
    if reason := why_no_interval(cells, estimand=estimand):
        return None, "", (reason,)
    if max(outcomes.totals) == outcomes.n_answers:
        return _all_alike(rate, participants, level=level)
    notes = []
    if variance.rule not in ("two-way", "participants only"):
        notes.append(f"the variance guard acted: {variance.rule}")
    if tracks < FEW_TRACKS_BELOW and estimand == "new_participants_and_tracks":
        notes.append(f"{tracks} tracks: below {FEW_TRACKS_BELOW}, more participants narrow this interval little")
    df = degrees_of_freedom(cells, estimand=estimand)
    return t_interval(rate, variance.used, df=df, level=level, method=method_of(estimand)), "", tuple(notes)


def _all_alike(rate: float, participants: int, *, level: float) -> tuple[Interval | None, str, tuple[str, ...]]:
    if rate == 0.5:
        return None, "degenerate", ("every answer is no preference: no interval",)
    won = participants if rate == 1.0 else 0
    interval = clopper_pearson(won, participants, level=level)
    return interval, "degenerate", ("all answers are alike: the exact interval counts participants, not answers",)
