"""Timbres by number: which sounds a split may use, and the parameters that a number stands for.

Every family has 64 numbers. A number's remainder modulo 8 decides its split, so held-out songs never share a timbre
with training songs; the numbers interleave, so held-out timbres lie between training ones and not outside them.
Tempi are split the same way.
"""

from __future__ import annotations

from typing import NamedTuple

NUMBERS = 64
REMAINDERS: dict[str, tuple[int, ...]] = {
    "train": (0, 1, 2, 3, 4),
    "validation": (5,),
    "test": (6,),
    "study": (7,),
}
_GOLDEN = (0.618034, 0.754878, 0.819173, 0.856675, 0.881271, 0.898654, 0.911592, 0.921599)


class Timbre(NamedTuple):
    """One sound: its family (`kit`, `bass`, `other`, `voice`), its kind inside the family, and its number."""

    family: str
    kind: str
    number: int

    @property
    def id(self) -> str:
        """A readable name, unique in the generator."""
        return f"{self.family}-{self.kind}-{self.number:02d}"


def numbers_of(split: str) -> tuple[int, ...]:
    """The timbre numbers that a split may use."""
    return tuple(number for number in range(NUMBERS) if number % 8 in REMAINDERS[split])


def tempi_of(split: str, low_bpm: int, high_bpm: int) -> tuple[int, ...]:
    """The tempi in [low_bpm, high_bpm] that a split may use."""
    return tuple(bpm for bpm in range(low_bpm, high_bpm + 1) if bpm % 8 in REMAINDERS[split])


def unit(timbre: Timbre, axis: int) -> float:
    """Parameter `axis` of a timbre in [0, 1): evenly spread over the numbers, different on each axis."""
    return ((timbre.number + 0.5) * _GOLDEN[axis % 8] + 0.37 * axis) % 1.0


def between(timbre: Timbre, axis: int, low: float, high: float) -> float:
    """Parameter `axis` of a timbre on the scale from low to high."""
    return low + (high - low) * unit(timbre, axis)
