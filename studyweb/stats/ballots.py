"""The one input of every preference statistic: one row per completed trial of a pair, as integer-coded arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.tally import Tally


@dataclass(frozen=True)
class Ballots:
    """Final choices about one pair of systems.

    score: [n] 1, 1/2 or 0 for the pair's first system; participant, track: [n] integer codes from 0;
    first_is_a: [n] whether the first system was shown in slot A.
    """

    score: FloatArray
    participant: IntArray
    track: IntArray
    first_is_a: NDArray[np.bool_]

    @property
    def n_answers(self) -> int:
        """How many rows there are."""
        return int(self.score.size)

    @cached_property
    def tally(self) -> Tally:
        """The rows counted; made once, when the first estimate asks for it."""
        return Tally.of(self.score, self.participant, self.track, self.first_is_a)

    def subset(self, rows: NDArray[np.bool_]) -> Ballots:
        """The chosen rows, with codes made dense again so that empty participants and tracks do not count."""
        return Ballots(
            score=self.score[rows],
            participant=closed_up(self.participant[rows]),
            track=closed_up(self.track[rows]),
            first_is_a=self.first_is_a[rows],
        )


def ballots_from_rows(
    scores: Sequence[float], participants: Sequence[str], tracks: Sequence[str], first_is_a: Sequence[bool]
) -> Ballots:
    """Ballots from labels; row order and the labels' names do not matter.

    Raises ValueError when lengths differ or a score is not 0, 1/2 or 1.
    """
    score = np.asarray(scores, dtype=np.float64)
    lengths = {score.size, len(participants), len(tracks), len(first_is_a)}
    if len(lengths) != 1:
        raise ValueError(f"columns of unequal length: {sorted(lengths)}")
    if not np.isin(score, (0.0, 0.5, 1.0)).all():
        raise ValueError("a score must be 0, 0.5 or 1")
    return Ballots(
        score=score,
        participant=dense_codes(np.asarray(participants)),
        track=dense_codes(np.asarray(tracks)),
        first_is_a=np.asarray(first_is_a, dtype=np.bool_),
    )


def dense_codes(labels: NDArray[np.generic]) -> IntArray:
    """Labels as integers 0..G-1 in sorted order."""
    if labels.size == 0:
        return np.empty(0, dtype=np.intp)
    codes: IntArray = np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.intp)
    return codes


def closed_up(codes: IntArray) -> IntArray:
    """Codes of a selection as 0..G-1 in the same order, without sorting the rows."""
    if codes.size == 0:
        return codes
    is_used = np.bincount(codes) > 0
    renumbered: IntArray = (np.cumsum(is_used) - 1).astype(np.intp)[codes]
    return renumbered
