"""One multiplier for intervals that hold together: max-|t| over correlated estimates with clustered covariance."""

from __future__ import annotations

import numpy as np
from scipy import stats

from studyweb.stats.clusters import SMALLEST, Estimand, FloatArray, IntArray

DRAWS = 40_000
SEED = 1
"""The draws are always the same, so that a report's numbers can be made again."""


def two_way_covariance(
    influence: FloatArray, *, participant: IntArray, track: IntArray, estimand: Estimand
) -> FloatArray:
    """[m, m] of estimates from their answers' influence [n, m], as clusters.py has it for one.

    Of the two-way covariance, its negative eigenvalues set to 0, the participants' and the tracks', the one with the
    largest total variance: the guard of single estimates, taken for all together.
    """
    by_participant = _one_way(influence, participant)
    if estimand == "new_participants":
        return by_participant
    by_track = _one_way(influence, track)
    by_cell = _one_way(influence, participant * (int(track.max()) + 1) + track)
    values, vectors = np.linalg.eigh(by_participant + by_track - by_cell)
    two_way = (vectors * np.maximum(values, 0.0)) @ vectors.T
    return max(two_way, by_participant, by_track, key=np.trace)


def _one_way(influence: FloatArray, codes: IntArray) -> FloatArray:
    groups, dense = np.unique(codes, return_inverse=True)
    if groups.size < 2:
        return np.zeros((influence.shape[1], influence.shape[1]))
    sums = np.stack([np.bincount(dense.reshape(-1), weights=column) for column in influence.T])
    return np.asarray(groups.size / (groups.size - 1) * sums @ sums.T, dtype=np.float64)


def joint_quantile(covariance: FloatArray, *, df: int, level: float) -> float:
    """How many standard errors to either side hold all m estimates at once.

    The level's quantile of max |t| for a multivariate t with these correlations, by simulation, kept between the
    quantile for one estimate and Bonferroni's for m. Estimates without variance take no part.
    """
    errors = np.sqrt(np.diag(covariance))
    varies = errors > np.sqrt(SMALLEST)
    alone = float(stats.t.ppf(0.5 + level / 2, df))
    if varies.sum() < 2:
        return alone
    correlation = covariance[np.ix_(varies, varies)] / np.outer(errors[varies], errors[varies])
    values, vectors = np.linalg.eigh(correlation)
    rng = np.random.default_rng(SEED)
    normal = rng.standard_normal((DRAWS, len(values))) @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    largest = np.abs(normal).max(axis=1) / np.sqrt(rng.chisquare(df, DRAWS) / df)
    bonferroni = float(stats.t.ppf(1 - (1 - level) / (2 * varies.sum()), df))
    return float(np.clip(np.quantile(largest, level), alone, bonferroni))
