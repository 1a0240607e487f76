"""The logistic likelihood of ordered answers, row by row, with its derivatives in the linear predictor.

F(b) - F(a) = F(b) F(-a) (1 - exp(a - b)) for the logistic function F and a < b, so that a category's log-likelihood is
a sum of simple terms that lose no digits in the tails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from studyweb.stats.clusters import FloatArray, IntArray


@dataclass(frozen=True)
class RowTerms:
    """[n] each: log-likelihood and its first three derivatives in the linear predictor."""

    value: FloatArray
    first: FloatArray
    second: FloatArray
    third: FloatArray


def ordered_rows(category: IntArray, eta: FloatArray, cuts: FloatArray) -> RowTerms:
    """P(Y = c) = F(cut_c - eta) - F(cut_(c-1) - eta) for categories 0..len(cuts); cuts must rise."""
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    lower, upper = edges[category], edges[category + 1]
    below_upper, above_lower = expit(upper - eta), expit(eta - lower)
    spread_upper, spread_lower = below_upper * (1 - below_upper), above_lower * (1 - above_lower)
    return RowTerms(
        value=log_expit(upper - eta) + log_expit(eta - lower) + np.log(-np.expm1(lower - upper)),
        first=(1 - above_lower) - (1 - below_upper),
        second=-spread_upper - spread_lower,
        third=spread_upper * (1 - 2 * below_upper) - spread_lower * (1 - 2 * above_lower),
    )
