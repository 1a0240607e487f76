"""Final choices counted by participant, track, side and outcome: all that the preference statistics need.

Rows are read once; every estimate works on the counts, so a million answers cost no more than their counting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.clusters import CellSums, FloatArray, IntArray

LOSS, TIE, WIN = 0, 1, 2
"""Outcomes for the pair's first system: twice its score."""


@dataclass(frozen=True)
class Tally:
    """counts: [side (0: first system in B, 1: in A), outcome, participants, tracks]; nobody and no track is empty."""

    counts: NDArray[np.int64]

    @classmethod
    def of(cls, score: FloatArray, participant: IntArray, track: IntArray, first_is_a: NDArray[np.bool_]) -> Tally:
        """Count rows; codes must be dense."""
        if score.size == 0:
            return cls(np.zeros((2, 3, 0, 0), dtype=np.int64))
        shape = (2, 3, int(participant.max()) + 1, int(track.max()) + 1)
        code = (2 * score).astype(np.intp)
        code += np.where(first_is_a, 3, 0)
        code *= shape[2]
        code += participant
        code *= shape[3]
        code += track
        counts = np.bincount(code, minlength=6 * shape[2] * shape[3])
        return cls(counts.astype(np.int64, copy=False).reshape(shape))

    @property
    def n_answers(self) -> int:
        """How many answers were counted."""
        return int(self.counts.sum())

    @property
    def outcomes(self) -> tuple[int, int, int]:
        """Losses, ties and wins of the first system."""
        losses, ties, wins = (int(count) for count in self.counts.sum(axis=(0, 2, 3)))
        return losses, ties, wins

    @property
    def sides(self) -> tuple[int, int]:
        """Answers with the first system in A, and with it in B."""
        in_b, in_a = (int(count) for count in self.counts.sum(axis=(1, 2, 3)))
        return in_a, in_b

    def cells(self) -> CellSums:
        """Sums of scores and numbers of answers by participant and track."""
        losses, ties, wins = self.counts.sum(axis=0)
        return CellSums(total=wins + 0.5 * ties, count=(losses + ties + wins).astype(np.float64))

    def of_slot_a(self) -> Tally:
        """The same answers scored for slot A, whatever system it held."""
        for_a = self.counts[1] + self.counts[0, ::-1]
        return Tally(np.stack([np.zeros_like(for_a), for_a]))

    def of_ties(self) -> Tally:
        """The same answers with a tie as win and a decision as loss, for the rate of ties."""
        counts = np.zeros_like(self.counts)
        counts[:, WIN] = self.counts[:, TIE]
        counts[:, LOSS] = self.counts[:, LOSS] + self.counts[:, WIN]
        return Tally(counts)

    def decided(self) -> Tally:
        """The answers that were not ties, without participants and tracks that have none."""
        counts = self.counts.copy()
        counts[:, TIE] = 0
        answers = counts.sum(axis=(0, 1))
        return Tally(counts[:, :, answers.any(axis=1)][:, :, :, answers.any(axis=0)])
