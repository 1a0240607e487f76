"""Telling two classes apart: the area under the ROC curve, and a logistic regression with a ridge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from studyweb.stats.clusters import FloatArray

Labels = NDArray[np.bool_]
MOST_STEPS = 200


@dataclass(frozen=True)
class RidgeLogit:
    """A fitted logistic regression over standardised columns."""

    mean: FloatArray
    """[d] of the training rows."""
    scale: FloatArray
    """[d] standard deviations of the training rows; 1 where a column did not vary."""
    weights: FloatArray
    """[d] per standard deviation."""
    intercept: float

    def scores(self, rows: FloatArray) -> FloatArray:
        """[n] log-odds of [n, d] rows; values beyond LIMIT standard deviations count as that far."""
        found: FloatArray = _standardised(rows, self.mean, self.scale) @ self.weights + self.intercept
        return found


LIMIT = 4.0
"""One wild value must not decide: columns are cut at so many standard deviations."""


def fit_ridge_logit(rows: FloatArray, labels: Labels, *, penalty: float = 1.0) -> RidgeLogit:
    """The weights that minimise log loss + penalty * |weights|^2 / 2 over [n, d] rows with [n] labels.

    The intercept is not penalised. Method: L-BFGS with the exact gradient.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    inputs, signs = _standardised(rows, mean, scale), np.where(labels, 1.0, -1.0)

    def loss_and_gradient(weights: FloatArray) -> tuple[float, FloatArray]:
        margins = signs * (inputs @ weights[1:] + weights[0])
        slopes = -signs * special.expit(-margins)
        loss = np.logaddexp(0.0, -margins).sum() + penalty * weights[1:] @ weights[1:] / 2
        gradient = np.concatenate([[slopes.sum()], inputs.T @ slopes + penalty * weights[1:]])
        return float(loss), gradient

    start = np.zeros(rows.shape[1] + 1)
    found = optimize.minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    return RidgeLogit(mean, scale, found.x[1:], float(found.x[0]))


def _standardised(rows: FloatArray, mean: FloatArray, scale: FloatArray) -> FloatArray:
    return np.clip((rows - mean) / scale, -LIMIT, LIMIT)


def area_under_curve(scores: FloatArray, labels: Labels) -> float:
    """The chance that a row of the true class scores higher than one of the other, ties as half (Mann-Whitney).

    Raises ValueError unless both classes are there.
    """
    positive, negative = int(labels.sum()), int((~labels).sum())
    if not positive or not negative:
        raise ValueError(f"both classes are needed; there are {positive} and {negative} rows")
    ranks = stats.rankdata(scores)
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


def null_standard_error(labels: Labels) -> float:
    """The standard error of the area under the curve where nothing tells the classes apart (Mann-Whitney, no ties)."""
    positive, negative = int(labels.sum()), int((~labels).sum())
    return float(np.sqrt((positive + negative + 1) / (12 * positive * negative)))
