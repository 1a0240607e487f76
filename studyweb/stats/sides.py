"""Sides: was each system in slot A as often as drawn, and does slot A itself attract choices?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from studyweb.stats.ballots import Ballots
from studyweb.stats.preference import PreferenceEstimate, estimate_preference


@dataclass(frozen=True)
class SideReport:
    """Side balance (sample-ratio check) and the position effect."""

    first_in_a: int
    first_in_b: int
    balance_p: float
    """Exact two-sided binomial p of the side counts against 1/2."""
    slot_a_preference: PreferenceEstimate
    """How often slot A was chosen, whatever system it held; 1/2 without a position effect."""


def report_sides(ballots: Ballots, *, level: float = 0.95) -> SideReport:
    """Side counts of the pair's first system and the preference rate of slot A."""
    first_in_a = int(ballots.first_is_a.sum())
    first_in_b = ballots.n_answers - first_in_a
    balance_p = float(stats.binomtest(first_in_a, ballots.n_answers).pvalue) if ballots.n_answers else 1.0
    by_slot = Ballots(
        score=np.where(ballots.first_is_a, ballots.score, 1.0 - ballots.score),
        participant=ballots.participant,
        track=ballots.track,
        first_is_a=np.ones(ballots.n_answers, dtype=np.bool_),
    )
    return SideReport(first_in_a, first_in_b, balance_p, estimate_preference(by_slot, level=level))
