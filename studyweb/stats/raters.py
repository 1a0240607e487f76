"""How each person judged: whom they preferred, how often they had no preference, which side, how like the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import FloatArray, IntArray


@dataclass(frozen=True)
class RaterProfile:
    """One person's final choices about one pair. A profile describes; nobody is left out because of it."""

    participant: int
    """Code in the ballots."""
    n_answers: int
    rate_for_first: float
    """Ties as half."""
    tie_share: float
    slot_a_share: float
    """How often slot A was preferred, whatever system it held; ties as half."""
    alike: float | None
    """Of what others said about the same items, the share on the same side as this person; None where nobody did."""


def rater_profiles(ballots: Ballots, unit: IntArray) -> list[RaterProfile]:
    """A profile for every participant code; `unit` [n] says which answers are about the same two advices."""
    if ballots.n_answers == 0:
        return []
    n_answers = np.bincount(ballots.participant)
    slot_a = np.where(ballots.first_is_a, ballots.score, 1 - ballots.score)
    shared, others = _shared_with_others(ballots, unit)
    totals = [_sums(ballots, values) for values in (ballots.score, ballots.score == 0.5, slot_a, shared, others)]
    return [
        RaterProfile(
            participant=int(code),
            n_answers=int(n_answers[code]),
            rate_for_first=float(totals[0][code] / n_answers[code]),
            tie_share=float(totals[1][code] / n_answers[code]),
            slot_a_share=float(totals[2][code] / n_answers[code]),
            alike=float(totals[3][code] / totals[4][code]) if totals[4][code] else None,
        )
        for code in np.flatnonzero(n_answers)
    ]


def _sums(ballots: Ballots, values: np.ndarray) -> FloatArray:
    return np.bincount(ballots.participant, weights=values).astype(np.float64)


def _shared_with_others(ballots: Ballots, unit: IntArray) -> tuple[FloatArray, FloatArray]:
    """For each answer, how many other people's answers about its unit are on the same side, and how many there are."""
    side = (2 * ballots.score).astype(np.intp)
    everybody = np.zeros((int(unit.max()) + 1, 3))
    own = np.zeros((int(ballots.participant.max()) + 1, *everybody.shape))
    np.add.at(everybody, (unit, side), 1.0)
    np.add.at(own, (ballots.participant, unit, side), 1.0)
    others = everybody[unit] - own[ballots.participant, unit]
    return others[np.arange(side.size), side], others.sum(axis=1)
