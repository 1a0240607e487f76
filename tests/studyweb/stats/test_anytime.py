"""Bounds that hold at every moment: by their formulas written out, by simulation, and by what must not matter."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.stats.anytime import betting_interval, log_capitals, log_e_values, sequence_half_widths

SCORES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=40)


def test_the_half_width_is_the_formula_of_the_paper() -> None:
    values = np.array([0.2, 0.9, 0.4, 0.6])
    # By hand: variance with one value of mean 1/2 and variance 1/4 added, r as in the paper's approximation.
    mean = (0.5 + values.sum()) / 5
    sd = math.sqrt((0.5 + (values**2).sum()) / 5 - mean**2)
    r = math.sqrt((-2 * math.log(0.05) + math.log(-2 * math.log(0.05) + 1)) / 50)
    width = math.sqrt(2 * (4 * r**2 + 1) / (4**2 * r**2) * math.log(math.sqrt(4 * r**2 + 1) / 0.05))
    assert sequence_half_widths(values, alpha=0.05, tightest_at=50)[-1] == pytest.approx(sd * width, rel=1e-12)


def test_it_is_about_tightest_where_it_was_tuned() -> None:
    values = np.tile([0.0, 1.0], 2_000)
    at = 100
    tuned = [sequence_half_widths(values, alpha=0.05, tightest_at=n)[at - 1] for n in (10, at, 1_000)]
    assert tuned[1] < tuned[0]
    assert tuned[1] < tuned[2]


def test_capital_by_hand() -> None:
    up, down = log_capitals(np.array([1.0, 0.5]), mean=0.5, alpha=0.05)
    first = min(math.sqrt(2 * math.log(40) / (0.25 * math.log(2))), 1.0)
    assert np.exp(up) == pytest.approx([1 + first / 2, 1 + first / 2])
    assert np.exp(down) == pytest.approx([1 - first / 2, 1 - first / 2])


def test_a_true_mean_is_seldom_ever_rejected() -> None:
    rng = np.random.default_rng(1)
    values = rng.choice([0.0, 0.5, 1.0], p=[0.5, 0.2, 0.3], size=(2_000, 200))
    ever = (log_e_values(values, mean=0.4, alpha=0.05) >= math.log(20)).any(axis=1).mean()
    assert ever <= 0.05 + 3 * (0.05 * 0.95 / 2_000) ** 0.5


@given(scores=SCORES)
@settings(max_examples=50, deadline=None)
def test_the_interval_holds_exactly_the_means_that_are_not_rejected(scores: list[float]) -> None:
    values = np.array(scores)
    low, high = betting_interval(values, alpha=0.05)
    for mean in np.linspace(0.01, 0.99, 23):
        is_rejected = log_e_values(values, mean=float(mean), alpha=0.05)[-1] >= math.log(20)
        assert is_rejected == (not low - 1e-9 <= mean <= high + 1e-9)


@given(scores=SCORES)
@settings(max_examples=50, deadline=None)
def test_naming_the_systems_the_other_way_round_mirrors_the_interval(scores: list[float]) -> None:
    values = np.array(scores)
    low, high = betting_interval(values, alpha=0.1)
    assert betting_interval(1 - values, alpha=0.1) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_a_value_is_bet_on_before_it_is_seen() -> None:
    values = np.array([0.3, 0.8, 0.6, 0.9])
    changed = np.array([0.3, 0.8, 0.6, 0.1])
    for one, other in zip(
        log_capitals(values, mean=0.5, alpha=0.05), log_capitals(changed, mean=0.5, alpha=0.05), strict=True
    ):
        assert one[:3] == pytest.approx(other[:3])
        # The stake on the last value is the same in both: gains .4 and -.4 of the same bet.
        assert math.exp(one[3] - one[2]) + math.exp(other[3] - other[2]) == pytest.approx(2.0)


def test_before_anybody_the_interval_is_everything() -> None:
    assert betting_interval(np.empty(0), alpha=0.05) == (0.0, 1.0)
