"""Bounds of planned looks, by published values and by another way of calculating the same probability."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from studyweb.stats.spending import SHAPES, Shape, SpendingError, spending_bounds, spent_by


def test_obrien_fleming_type_two_sided_as_published() -> None:
    # R's ldbounds and gsDesign, five equal looks, two-sided .05.
    bounds = spending_bounds([0.2, 0.4, 0.6, 0.8, 1.0], alpha=0.05, shape="obrien_fleming")
    assert bounds == pytest.approx((4.877, 3.357, 2.680, 2.290, 2.031), abs=1e-3)


def test_obrien_fleming_type_one_sided_as_published() -> None:
    # README of SeqBounds.jl, four equal looks, one-sided .05.
    bounds = spending_bounds([0.25, 0.5, 0.75, 1.0], alpha=0.05, shape="obrien_fleming", two_sided=False)
    assert bounds == pytest.approx((3.7496, 2.5399, 2.0160, 1.7201), abs=2e-4)


def test_one_look_at_the_end_is_the_fixed_test() -> None:
    for shape in ("obrien_fleming", "pocock"):
        assert spending_bounds([1.0], alpha=0.05, shape=shape) == pytest.approx((1.959964,), abs=1e-5)


@given(
    looks=st.lists(st.integers(5, 100), min_size=1, max_size=4, unique=True),
    shape=st.sampled_from(SHAPES),
    alpha=st.sampled_from([0.01, 0.05, 0.2]),
)
@settings(max_examples=15, deadline=None)
def test_the_chance_of_no_crossing_is_what_was_not_spent(looks: Sequence[int], shape: Shape, alpha: float) -> None:
    fractions = [look / 100 for look in sorted(looks)]
    bounds = np.array(spending_bounds(fractions, alpha=alpha, shape=shape))
    # Brownian motion at t_i and t_j: corr = sqrt(t_i / t_j); scipy integrates the box by quasi Monte Carlo.
    early, late = np.minimum.outer(fractions, fractions), np.maximum.outer(fractions, fractions)
    normal = stats.multivariate_normal(np.zeros(len(bounds)), np.sqrt(early / late), allow_singular=True)
    inside = normal.cdf(bounds, lower_limit=-bounds)
    spent = 2 * spent_by(fractions[-1], tail=alpha / 2, shape=shape)
    assert 1 - inside == pytest.approx(spent, abs=1e-4)


@pytest.mark.parametrize("shape", SHAPES)
def test_all_error_is_spent_at_the_end_and_never_given_back(shape: Shape) -> None:
    spent = [spent_by(share / 20, tail=0.025, shape=shape) for share in range(1, 21)]
    assert spent[-1] == pytest.approx(0.025)
    assert all(before < after for before, after in itertools.pairwise(spent))


def test_many_looks_are_as_steady_as_few() -> None:
    bounds = spending_bounds([look / 100 for look in range(10, 101)], alpha=0.05, shape="pocock")
    assert all(2.0 < bound < 3.2 for bound in bounds)


@pytest.mark.parametrize("fractions", [[], [0.0, 1.0], [0.5, 0.5], [0.6, 0.4], [0.5, 1.2]])
def test_looks_out_of_order_are_refused(fractions: list[float]) -> None:
    with pytest.raises(SpendingError, match="increasing information fractions"):
        spending_bounds(fractions, alpha=0.05, shape="pocock")


def test_unknown_shapes_and_errors_are_refused() -> None:
    with pytest.raises(SpendingError, match="expected one of obrien_fleming, pocock"):
        spending_bounds([1.0], alpha=0.05, shape="linear")
    with pytest.raises(SpendingError, match="alpha"):
        spending_bounds([1.0], alpha=0.0, shape="pocock")
