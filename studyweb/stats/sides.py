"""Sides: was each system in slot A as often as drawn, and does slot A itself attract choices?"""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import Estimand
from studyweb.stats.preference import PreferenceEstimate, estimate_from_outcomes


@dataclass(frozen=True)
class SideReport:
    """Side balance (sample-ratio check) and the position effect."""

    first_in_a: int
    first_in_b: int
    balance_p: float
    """Exact two-sided binomial p of the side counts against 1/2."""
    slot_a_preference: PreferenceEstimate
    """How often slot A was chosen, whatever system it held; 1/2 without a position effect."""


def report_sides(
    ballots: Ballots, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> SideReport:
    """Side counts of the pair's first system and the preference rate of slot A."""
    tally = ballots.tally
    in_a, in_b = tally.sides
    balance_p = float(stats.binomtest(in_a, in_a + in_b).pvalue) if in_a + in_b else 1.0
    slot_a = estimate_from_outcomes(tally.of_slot_a(), estimand=estimand, level=level)
    return SideReport(in_a, in_b, balance_p, slot_a)
