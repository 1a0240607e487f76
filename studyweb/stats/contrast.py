"""The difference of a mean between two drawn groups of answers, with the two-way clustered interval.

Least squares on the group: an answer's influence is its residual over the size of its group, as R's
sandwich::vcovCL(lm(value ~ group), type = "HC0", cadjust = TRUE) but for the guard of clusters.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.clusters import SMALLEST, Estimand, FloatArray, IntArray
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.sandwich import ClusteredEffect, clustered_effect


@dataclass(frozen=True)
class Contrast:
    """Means with and without, and the first minus the second."""

    mean_with: float
    mean_without: float
    n_with: int
    n_without: int
    difference: ClusteredEffect


def estimate_contrast(
    values: FloatArray,
    is_with: NDArray[np.bool_],
    *,
    participant: IntArray,
    track: IntArray,
    estimand: Estimand,
    level: float,
) -> Contrast | NotFitted:
    """The difference between the rows [n] that are `with` and all others; refused where either has none."""
    n_with, n_without = int(is_with.sum()), int((~is_with).sum())
    if not n_with or not n_without:
        return NotFitted("no answers" if not values.size else f"all {values.size} answers are in one group")
    means = float(values[is_with].mean()), float(values[~is_with].mean())
    left = values - np.where(is_with, *means)
    effect = clustered_effect(
        means[0] - means[1],
        left * np.where(is_with, 1.0 / n_with, -1.0 / n_without),
        participant=participant,
        track=track,
        estimand=estimand,
        level=level,
    )
    if effect.interval is not None and effect.variance.used <= SMALLEST:
        effect = ClusteredEffect(effect.value, effect.variance, None, "all answers of a group are alike: no interval")
    return Contrast(*means, n_with, n_without, effect)
