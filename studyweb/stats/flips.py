"""First choice against final choice: what hearing changed. Counts only; a choice is never replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class FlipReport:
    """Trials with both choices, by what became of the first one. The six kinds of change add up to `n_trials`."""

    n_trials: int
    kept: int
    """Same side, or no preference both times."""
    flipped_to_first: int
    """From the second system to the first, across no preference."""
    flipped_to_second: int
    decided_for_first: int
    """From no preference to the first system."""
    decided_for_second: int
    undecided: int
    """From either system to no preference."""

    @property
    def flips(self) -> int:
        """Choices that ended on the opposite side."""
        return self.flipped_to_first + self.flipped_to_second


def count_flips(preferences: Iterable[tuple[int, int]]) -> FlipReport:
    """Count changes between (first choice, final choice), each as preference for the first system, -2..2."""
    sides = [(_side(first), _side(final)) for first, final in preferences]

    def how_many(*changes: tuple[int, int]) -> int:
        return sum(side in changes for side in sides)

    return FlipReport(
        n_trials=len(sides),
        kept=how_many((1, 1), (0, 0), (-1, -1)),
        flipped_to_first=how_many((-1, 1)),
        flipped_to_second=how_many((1, -1)),
        decided_for_first=how_many((0, 1)),
        decided_for_second=how_many((0, -1)),
        undecided=how_many((1, 0), (-1, 0)),
    )


def _side(preference: int) -> int:
    return (preference > 0) - (preference < 0)
