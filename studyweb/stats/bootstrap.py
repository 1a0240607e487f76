"""The two-way bootstrap of means: participants and tracks get random weights, a cell the product of its two.

Owen & Eckles 2012 (Ann. Appl. Stat. 6(3), "Bootstrapping data arrays of arbitrary order"), with exponential weights:
mean 1, variance 1, never 0, so that no draw is empty. Mildly conservative, by theory and as measured: a check beside
the two-way variance, and the way to joint draws of several means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.clusters import CellSums, FloatArray

DRAWS = 10_000
BLOCK = 2_500
"""Draws made at once, so that the weights of a large study stay in tens of megabytes."""


@dataclass(frozen=True)
class BootstrapMeans:
    """Joint draws of several means over the same participants and tracks."""

    means: FloatArray
    """[k] the means themselves; NaN never: a mean without rows is refused."""
    draws: NDArray[np.float32]
    """[draws, k]; means of the same draw belong together."""

    @property
    def standard_errors(self) -> FloatArray:
        """[k] standard deviations of the draws."""
        errors: FloatArray = self.draws.std(axis=0, dtype=np.float64)
        return errors

    def interval(self, which: int = 0, *, level: float = 0.95) -> tuple[float, float]:
        """The percentile interval of one mean."""
        low, high = np.quantile(self.draws[:, which], [0.5 - level / 2, 0.5 + level / 2])
        return float(low), float(high)

    def simultaneous_factor(self, *, level: float = 0.95) -> float:
        """The max-|t| quantile: mean +- factor * standard error holds for all k means at once."""
        errors = self.standard_errors
        varying = errors > 0
        if not varying.any():
            return 0.0
        deviations = np.abs(self.draws[:, varying] - self.means[varying]) / errors[varying]
        return float(np.quantile(deviations.max(axis=1), level))


def bootstrap_means(cells: Sequence[CellSums], *, draws: int = DRAWS, seed: int = 1) -> BootstrapMeans:
    """Joint draws of the means of several sums over the same participants and tracks, [P, T] each.

    The same seed gives the same draws. Raises ValueError for shapes that differ, a mean without rows, or fewer than two
    participants or tracks.
    """
    shapes = {each.count.shape for each in cells}
    if len(shapes) != 1 or min(next(iter(shapes))) < 2:
        raise ValueError(f"the bootstrap needs two participants and two tracks, alike in every mean, not {shapes}")
    if any(each.count.sum() == 0 for each in cells):
        raise ValueError("a mean without rows has no draws")
    (participants, tracks), means = shapes.pop(), [each.total.sum() / each.count.sum() for each in cells]
    sums = np.stack([array for each in cells for array in (each.total, each.count)]).astype(np.float32)
    by_participant = sums.transpose(1, 0, 2).reshape(participants, -1)
    rng = np.random.default_rng(seed)
    drawn = np.empty((draws, len(cells)), dtype=np.float32)
    for start in range(0, draws, BLOCK):
        size = min(BLOCK, draws - start)
        people = rng.standard_exponential((size, participants), dtype=np.float32)
        songs = rng.standard_exponential((size, tracks), dtype=np.float32)
        by_track = (people @ by_participant).reshape(size, 2 * len(cells), tracks)
        weighted = np.matmul(by_track, songs[:, :, None])[:, :, 0]
        drawn[start : start + size] = weighted[:, 0::2] / weighted[:, 1::2]
    return BootstrapMeans(np.array(means), drawn)
