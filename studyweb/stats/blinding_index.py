"""Bang's blinding index: correct minus wrong guesses over everybody asked, "can't tell" included.

0 where guesses are chance, 1 where all are right, -1 where all are wrong (Bang, Ni & Davis 2004, Control. Clin. Trials
25(2)). For each arm apart, because a liking for one answer lifts one arm and lowers the other. Here an arm is the slot
in which the system stood that the question is about. People answer once, so the interval counts people: t with the
variance of the guesses' scores 1, 0, -1, which is the paper's with n - 1 for n.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from studyweb.stats.clusters import FloatArray
from studyweb.stats.intervals import Interval, clopper_pearson

Guess = Literal["right", "wrong", "cant_tell"]
_SCORES: dict[Guess, float] = {"right": 1.0, "wrong": -1.0, "cant_tell": 0.0}


@dataclass(frozen=True)
class BlindingIndex:
    """The index of one arm, or of all together."""

    right: int
    wrong: int
    cant_tell: int
    index: float | None
    """None where nobody was asked."""
    interval: Interval | None
    note: str
    """Why there is no interval, or how else it was made; otherwise empty."""

    @property
    def n_participants(self) -> int:
        """How many were asked."""
        return self.right + self.wrong + self.cant_tell


def blinding_index(guesses: Sequence[Guess], *, level: float = 0.95) -> BlindingIndex:
    """The index of one guess per person."""
    right, wrong, cant_tell = (guesses.count(kind) for kind in ("right", "wrong", "cant_tell"))
    if not guesses:
        return BlindingIndex(0, 0, 0, None, None, "nobody was asked")
    scores = np.array([_SCORES[guess] for guess in guesses])
    index = float(scores.mean())
    interval, note = _interval(scores, index, level=level)
    return BlindingIndex(right, wrong, cant_tell, index, interval, note)


def _interval(scores: FloatArray, index: float, *, level: float) -> tuple[Interval | None, str]:
    people = scores.size
    if people < 2:
        return None, "one participant: no interval"
    if float(np.ptp(scores)) == 0.0:
        return _all_alike(people, index, level=level)
    reach = float(stats.t.ppf(0.5 + level / 2, people - 1)) * math.sqrt(float(scores.var(ddof=1)) / people)
    method = f"by participants, t with {people - 1} degrees of freedom"
    return Interval(max(-1.0, index - reach), min(1.0, index + reach), level, method), ""


def _all_alike(people: int, index: float, *, level: float) -> tuple[Interval | None, str]:
    """All right or all wrong: what the exact binomial interval of right guesses leaves, others taken as wrong."""
    if index == 0.0:
        return None, "nobody could tell: no interval"
    exact = clopper_pearson(people if index > 0 else 0, people, level=level)
    return Interval(2 * exact.low - 1, 2 * exact.high - 1, level, exact.method), "all guesses are alike: exact interval"
