"""Ties are outcomes: how often, and what the rate is among the decided."""

from __future__ import annotations

from dataclasses import dataclass

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import Estimand
from studyweb.stats.preference import PreferenceEstimate, estimate_from_outcomes


@dataclass(frozen=True)
class TieReport:
    """Wins, ties and losses of the pair's first system."""

    wins: int
    ties: int
    losses: int
    tie_rate: PreferenceEstimate
    decided: PreferenceEstimate
    """The preference rate among answers that were not ties: another estimand than the primary, never instead of it."""


def report_ties(
    ballots: Ballots, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> TieReport:
    """Counts of outcomes, the tie rate and the rate among the decided, both with two-way intervals."""
    outcomes = ballots.tally.of_first_system
    losses, ties, wins = outcomes.totals
    return TieReport(
        wins=wins,
        ties=ties,
        losses=losses,
        tie_rate=estimate_from_outcomes(outcomes.of_ties(), estimand=estimand, level=level),
        decided=estimate_from_outcomes(outcomes.decided(), estimand=estimand, level=level),
    )
