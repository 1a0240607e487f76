"""Ties are outcomes: how often, and what the rate is among the decided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyweb.stats.ballots import Ballots
from studyweb.stats.preference import PreferenceEstimate, estimate_preference


@dataclass(frozen=True)
class TieReport:
    """Wins, ties and losses of the pair's first system."""

    wins: int
    ties: int
    losses: int
    tie_rate: PreferenceEstimate
    decided: PreferenceEstimate
    """The preference rate among answers that were not ties: another estimand than the primary, never instead of it."""


def report_ties(ballots: Ballots, *, level: float = 0.95) -> TieReport:
    """Counts of outcomes, the tie rate and the rate among the decided, both with two-way intervals."""
    is_tie = ballots.score == 0.5
    tie_ballots = Ballots(is_tie.astype(np.float64), ballots.participant, ballots.track, ballots.first_is_a)
    return TieReport(
        wins=int((ballots.score == 1.0).sum()),
        ties=int(is_tie.sum()),
        losses=int((ballots.score == 0.0).sum()),
        tie_rate=estimate_preference(tie_ballots, level=level),
        decided=estimate_preference(ballots.subset(~is_tie), level=level),
    )
