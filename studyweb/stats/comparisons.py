"""Final choices between any number of systems, and whether they hang together enough to rank the systems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from studyweb.stats.ballots import Ballots, ballots_from_rows
from studyweb.stats.clusters import FloatArray, IntArray


@dataclass(frozen=True)
class Comparisons:
    """One row per completed trial of any pair.

    systems: names; first, second: [n] positions in `systems`; ballots: the same n rows, scored for `first`.
    """

    systems: tuple[str, ...]
    first: IntArray
    second: IntArray
    ballots: Ballots

    def wins(self) -> FloatArray:
        """[K, K] how often the row's system was chosen over the column's, ties as half a win for both."""
        wins = np.zeros((len(self.systems), len(self.systems)))
        np.add.at(wins, (self.first, self.second), self.ballots.score)
        np.add.at(wins, (self.second, self.first), 1 - self.ballots.score)
        return wins


def comparisons_from_rows(
    systems: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    scores: Sequence[float],
    *,
    participants: Sequence[str],
    tracks: Sequence[str],
    first_is_a: Sequence[bool],
) -> Comparisons:
    """Comparisons from labels; `scores` are for a pair's first system.

    Raises ValueError for a system that is not in `systems` or named twice there, a system against itself, columns of
    unequal length, and a score other than 0, 1/2 and 1.
    """
    places = {name: place for place, name in enumerate(systems)}
    if len(places) < len(systems):
        raise ValueError(f"a system is named twice: {', '.join(systems)}")
    unknown = sorted({name for pair in pairs for name in pair if name not in places})
    if unknown:
        raise ValueError(f"unknown system {unknown[0]!r}; expected one of {', '.join(systems)}")
    if any(first == second for first, second in pairs):
        raise ValueError("a system was compared with itself")
    if len(pairs) != len(scores):
        raise ValueError(f"{len(pairs)} pairs for {len(scores)} scores")
    return Comparisons(
        systems=tuple(systems),
        first=np.array([places[first] for first, _ in pairs], dtype=np.intp),
        second=np.array([places[second] for _, second in pairs], dtype=np.intp),
        ballots=ballots_from_rows(scores, participants, tracks, first_is_a),
    )


def why_not_connected(comparisons: Comparisons) -> str:
    """Why the systems cannot be put on one scale; empty when they can.

    A scale exists when, however the systems are split in two, either part was chosen over the other at least once or
    tied with it (Ford 1957, Am. Math. Monthly 64(8)).
    """
    wins = comparisons.wins()
    apart = _groups(wins, "weak")
    if apart.max() > 0:
        groups = [_named(comparisons, apart == group) for group in range(apart.max() + 1)]
        return f"nobody compared across these groups: {' | '.join(groups)}"
    together = _groups(wins, "strong")
    for group in range(together.max() + 1):
        inside = together == group
        if not inside.all() and not wins[np.ix_(~inside, inside)].any():
            return f"never lost to any other: {_named(comparisons, inside)}; so their lead has no finite estimate"
    return ""


def _groups(wins: FloatArray, connection: str) -> IntArray:
    _, group = connected_components(coo_array(wins > 0), directed=True, connection=connection)
    return np.asarray(group, dtype=np.intp)


def _named(comparisons: Comparisons, which: NDArray[np.bool_]) -> str:
    return ", ".join(name for name, is_in in zip(comparisons.systems, which, strict=True) if is_in)
