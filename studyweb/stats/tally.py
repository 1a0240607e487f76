"""Final choices counted by participant, track, side and outcome: all that the preference statistics need.

Rows are read once; every estimate works on the counts, so a million answers cost no more than their counting. An
outcome is 0 for a loss, 1 for a tie, 2 for a win: twice the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.clusters import CellSums, FloatArray, IntArray


@dataclass(frozen=True)
class Outcomes:
    """counts: [outcome, participants, tracks]; no participant and no track is empty."""

    counts: NDArray[np.int64]

    @property
    def n_answers(self) -> int:
        """How many answers were counted."""
        return sum(self.totals)

    @cached_property
    def totals(self) -> tuple[int, int, int]:
        """Losses, ties and wins."""
        losses, ties, wins = (int(count.sum()) for count in self.counts)
        return losses, ties, wins

    def cells(self) -> CellSums:
        """Sums of scores and numbers of answers by participant and track."""
        losses, ties, wins = self.counts
        return CellSums(total=wins + 0.5 * ties, count=(losses + ties + wins).astype(np.float64))

    def of_ties(self) -> Outcomes:
        """The same answers with a tie as win and a decision as loss, for the rate of ties."""
        losses, ties, wins = self.counts
        return Outcomes(np.stack([losses + wins, np.zeros_like(ties), ties]))

    def decided(self) -> Outcomes:
        """The answers that were not ties, without participants and tracks that have none."""
        losses, ties, wins = self.counts
        answers = losses + wins
        people, tracks = answers.any(axis=1), answers.any(axis=0)
        if people.all() and tracks.all():
            return Outcomes(np.stack([losses, np.zeros_like(ties), wins]))
        losses, wins = losses[people][:, tracks], wins[people][:, tracks]
        return Outcomes(np.stack([losses, np.zeros_like(losses), wins]))


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
    def sides(self) -> tuple[int, int]:
        """Answers with the first system in A, and with it in B."""
        in_b, in_a = (int(side.sum()) for side in self.counts)
        return in_a, in_b

    @cached_property
    def of_first_system(self) -> Outcomes:
        """Outcomes for the pair's first system, whatever slot it was in."""
        return Outcomes(self.counts[0] + self.counts[1])

    def of_slot_a(self) -> Outcomes:
        """Outcomes for slot A, whatever system it held."""
        return Outcomes(self.counts[1] + self.counts[0, ::-1])
