"""The area under the curve by hand, and a ridge logistic regression against known answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from studyweb.stats.classify import area_under_curve, fit_ridge_logit, null_standard_error


def test_the_area_counts_pairs_in_the_right_order_and_ties_as_half() -> None:
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    labels = np.array([True, True, False, False])
    assert area_under_curve(scores, labels) == (1 + 1 + 0.5 + 1) / 4


def test_one_class_alone_has_no_area() -> None:
    with pytest.raises(ValueError, match="both classes are needed; there are 2 and 0 rows"):
        area_under_curve(np.array([1.0, 2.0]), np.array([True, True]))


def test_the_standard_error_of_chance_is_that_of_random_labels() -> None:
    rng = np.random.default_rng(1)
    labels = np.arange(60) < 30
    areas = [area_under_curve(rng.normal(size=60), labels) for _ in range(2_000)]
    assert np.std(areas) == pytest.approx(null_standard_error(labels), rel=0.05)


def test_weights_are_where_the_penalised_loss_is_least() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(200, 3)) * np.array([1.0, 10.0, 0.1]) + 5.0
    labels = rows[:, 0] + rng.normal(size=200) > 5.0
    model = fit_ridge_logit(rows, labels, penalty=2.0)
    inputs = np.clip((rows - rows.mean(axis=0)) / rows.std(axis=0), -4, 4)
    signs = np.where(labels, 1.0, -1.0)

    def loss(weights: np.ndarray) -> float:
        return float(np.log1p(np.exp(-signs * (inputs @ weights[1:] + weights[0]))).sum() + weights[1:] @ weights[1:])

    found = optimize.minimize(loss, np.zeros(4), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9}).x
    np.testing.assert_allclose([model.intercept, *model.weights], found, atol=2e-4)


def test_a_column_that_never_varies_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    rows = np.column_stack([rng.normal(size=50), np.full(50, 7.0)])
    model = fit_ridge_logit(rows, rows[:, 0] > 0)
    assert model.weights[1] == pytest.approx(0.0)
    assert area_under_curve(model.scores(rows), rows[:, 0] > 0) == 1.0
