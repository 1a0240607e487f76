"""The variance of a mean whose rows are clustered by participant and by track.

Cameron, Gelbach & Miller 2011 (J. Bus. Econ. Stat. 29(2)): V_P + V_T - V_PT, each term with its own factor G/(G-1) as
R's sandwich::vcovCL has it, guarded by max(V_CGM, V_P, V_T).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

Estimand = Literal["new_participants_and_tracks", "new_participants"]
ESTIMANDS: tuple[str, ...] = get_args(Estimand)

SMALLEST = 1e-15
"""Variances below this are rounding, not variation."""


@dataclass(frozen=True)
class ClusterVariance:
    """The parts of the two-way variance of a mean; all in the squared unit of the mean."""

    participant: float
    track: float
    cell: float
    independent: float
    used: float
    rule: str
    """Which part was used.

    `two-way`, `participant guard`, `track guard`, `participants only`, `cell floor` or `answer floor`.
    """


@dataclass(frozen=True)
class CellSums:
    """Sums and counts by participant and track, [P, T]: all that the variance of a mean needs."""

    total: FloatArray
    count: FloatArray

    @classmethod
    def of(
        cls,
        values: FloatArray,
        participant: IntArray,
        track: IntArray,
        *,
        counted: NDArray[np.bool_] | None = None,
    ) -> CellSums:
        """Sums over rows; codes must be dense. Rows that are not `counted` must have the value 0."""
        shape = (int(participant.max()) + 1, int(track.max()) + 1)
        code = participant * shape[1] + track
        size = shape[0] * shape[1]
        count = np.bincount(code if counted is None else code[counted], minlength=size)
        return cls(
            total=np.bincount(code, weights=values, minlength=size).astype(np.float64).reshape(shape),
            count=count.reshape(shape).astype(np.float64),
        )


def cluster_variance(cells: CellSums, *, mean: float, spread: float, estimand: Estimand) -> ClusterVariance:
    """The variance of the mean over all rows, from cell sums [P, T]; `spread` is the rows' plain variance."""
    n = float(cells.count.sum())
    residual = cells.total - mean * cells.count
    by_participant = _one_way(residual.sum(axis=1), n)
    by_track = _one_way(residual.sum(axis=0), n)
    by_cell = _one_way(residual[cells.count > 0], n)
    independent = spread / (n - 1) if n > 1 else 0.0
    if estimand == "new_participants":
        candidates = {"participants only": by_participant}
    else:
        candidates = {
            "two-way": by_participant + by_track - by_cell,
            "participant guard": by_participant,
            "track guard": by_track,
        }
    rule = max(candidates, key=lambda name: candidates[name])
    used = candidates[rule]
    # A checkerboard cancels within every participant and track; its cells still vary, so the interval must too.
    if used <= SMALLEST and by_cell > SMALLEST:
        rule, used = "cell floor", by_cell
    # So do opposite answers within every cell: only rows that are all alike have no variance.
    if used <= SMALLEST and independent > SMALLEST:
        rule, used = "answer floor", independent
    return ClusterVariance(by_participant, by_track, by_cell, independent, max(used, 0.0), rule)


def _one_way(sums: FloatArray, n: float) -> float:
    groups = sums.size
    if groups < 2:
        return 0.0
    return groups / (groups - 1) * float(sums @ sums) / n**2


def degrees_of_freedom(cells: CellSums, *, estimand: Estimand) -> int:
    """Clusters minus one: of the factor with fewer of them, or of participants alone when the tracks are given."""
    clusters: int = cells.count.shape[0] if estimand == "new_participants" else min(cells.count.shape)
    return clusters - 1


def why_no_interval(cells: CellSums, *, estimand: Estimand) -> str:
    """The reason why the clusters allow no interval; empty when they do."""
    participants, tracks = cells.count.shape
    if participants < 2:
        return "one participant: no interval"
    if tracks < 2 and estimand == "new_participants_and_tracks":
        return "one track: no interval"
    return ""


def method_of(estimand: Estimand) -> str:
    """How an interval for this estimand is made, in words."""
    both = estimand == "new_participants_and_tracks"
    return "clustered by participant and track" if both else "clustered by participant"
