"""One pair of systems with ties as outcomes: Davidson's and Rao & Kupper's models beside the preference rate.

Both separate the preference from how readily people say "no preference"; they differ in how ties thin out as the
preference grows. Formulas in paired_fit.py; the side's effect multiplies the odds of what stands in slot A (Davidson &
Beaver 1977, Biometrics 33).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import Estimand
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_fit import PairedFit, TieModel, fit_paired
from studyweb.stats.preference import INDICATIVE_BELOW
from studyweb.stats.sandwich import ClusteredEffect, clustered_effect


@dataclass(frozen=True)
class TieModelReport:
    """A model of one pair's wins, ties and losses."""

    ties: TieModel
    estimand: Estimand
    n_answers: int
    n_participants: int
    n_tracks: int
    preference: ClusteredEffect
    """Log-odds of the first system over the second; in Davidson's model among the decided."""
    side: ClusteredEffect | None
    """Log-odds that standing in slot A adds; None where the first system stood on one side only."""
    tie_parameter: float
    """Davidson's nu, or Rao & Kupper's threshold tau in log-odds."""
    tie_interval: Interval | None
    log_likelihood: float
    label: str
    """Empty, or `indicative` (few participants or tracks)."""
    notes: tuple[str, ...]


def fit_tie_model(
    ballots: Ballots, *, ties: TieModel, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> TieModelReport | NotFitted:
    """Davidson's or Rao & Kupper's model of one pair's final choices, or the reason why it cannot be fitted.

    Raises ValueError for an unknown model, or for `half`, which has nothing to say about ties.
    """
    if ties == "half":
        raise ValueError("ties as half is the primary result; ask for davidson or rao_kupper")
    side = np.where(ballots.first_is_a, 0.5, -0.5)
    has_side = bool(ballots.first_is_a.any() and not ballots.first_is_a.all())
    ones = np.ones(ballots.n_answers)
    fit = fit_paired(np.column_stack([ones, side] if has_side else [ones]), ballots.score, ties=ties)
    if isinstance(fit, NotFitted):
        return fit
    effects = _effects(fit, ballots, estimand=estimand, level=level)
    people, tracks = int(ballots.participant.max()) + 1, int(ballots.track.max()) + 1
    notes = [
        effects[0].note,
        "" if has_side else "the first system always stood on one side: its effect is not told apart",
    ]
    return TieModelReport(
        ties=ties,
        estimand=estimand,
        n_answers=ballots.n_answers,
        n_participants=people,
        n_tracks=tracks,
        preference=effects[0],
        side=effects[1] if has_side else None,
        tie_parameter=math.exp(effects[-1].value),
        tie_interval=_exponentiated(effects[-1].interval),
        log_likelihood=fit.log_likelihood,
        label="indicative" if min(people, tracks) < INDICATIVE_BELOW else "",
        notes=tuple(filter(None, notes)),
    )


def _effects(fit: PairedFit, ballots: Ballots, *, estimand: Estimand, level: float) -> list[ClusteredEffect]:
    return [
        clustered_effect(
            float(value),
            influence,
            participant=ballots.participant,
            track=ballots.track,
            estimand=estimand,
            level=level,
        )
        for value, influence in zip(fit.parameters, fit.influence.T, strict=True)
    ]


def _exponentiated(interval: Interval | None) -> Interval | None:
    if interval is None:
        return None
    return replace(
        interval, low=math.exp(interval.low), high=math.exp(interval.high), method=f"{interval.method}, on the log"
    )
