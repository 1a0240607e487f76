"""Minimisation: of several possible sessions, mostly the one that keeps items and sides even in each stratum.

Pocock & Simon 1975 (Biometrics 31(1)): marginal balance over the levels of each factor, with a chance element, here by
squares. Everybody meets both arms, so what is balanced is which items people of a kind meet, and on which side the
first system stands there. Every candidate is an ordinary draw, so that item totals and sides in a session stay as even
as without strata. A pure function of what is stored.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studyweb.trials.drawing import ALGORITHM, DrawnTrial, SessionInputs, draw_session

CANDIDATES = 8
FOLLOWED = 0.8
"""How often the most even candidate is taken; otherwise any of them, so that nobody can foresee a draw."""

SideCounts = Mapping[str, Mapping[str, Sequence[int]]]
"""{factor: {item's position: [trials with the first system in A, in B]}} of people on the same level of that factor."""


def draw_minimised(
    inputs: SessionInputs, *, seed: str, counts: SideCounts, algorithm: str = ALGORITHM
) -> tuple[list[DrawnTrial], dict[str, Any]]:
    """A session, and how it was chosen: each candidate's imbalance, the random number, the candidate taken.

    Raises DrawError as draw_session does.
    """
    candidates = [draw_session(inputs, seed=f"{seed} {number}", algorithm=algorithm) for number in range(CANDIDATES)]
    imbalances = [imbalance_after(candidate, counts) for candidate in candidates]
    rng = random.Random(f"minimisation {seed}")  # noqa: S311 - replayed from its seed, not a secret
    roll = rng.random()
    eligible = [number for number, value in enumerate(imbalances) if value == min(imbalances) or roll >= FOLLOWED]
    chosen = eligible[int(rng.random() * len(eligible))]
    return candidates[chosen], {"imbalances": imbalances, "roll": roll, "chosen": chosen}


def imbalance_after(session: Sequence[DrawnTrial], counts: SideCounts) -> int:
    """Summed over factors and items: the square of the trials, and of the difference between sides, with this session.

    As the items of a session are fixed in number, the first part is least where the least-met items are taken.
    """
    return sum(sum(_squares(session, of_level)) for of_level in counts.values())


def _squares(session: Sequence[DrawnTrial], of_level: Mapping[str, Sequence[int]]) -> Iterator[int]:
    sides = {item: list(found) for item, found in of_level.items()}
    for trial in session:
        if trial.role == "scored":
            sides.setdefault(str(trial.item), [0, 0])[0 if trial.first_in_a else 1] += 1
    return ((in_a + in_b) ** 2 + (in_a - in_b) ** 2 for in_a, in_b in sides.values())
