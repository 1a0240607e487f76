"""Looks at a running study: what they say, what they refuse and why."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from studyweb.stats.sequential import METHODS, Method, PeekRefusedError, planned_bounds, take_look, why_no_peek
from tests.bench.sequential_rates import ALPHA, VALID, decisions


def means(n: int = 40, *, rate: float = 0.6, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.binomial(10, rate, n) / 10


@pytest.mark.parametrize("method", METHODS)
def test_a_look_states_what_it_is_about(method: Method) -> None:
    values = means()
    look = take_look(values, method=method, estimand="new_participants", planned_participants=80)
    assert (look.n_participants, look.planned_participants, look.estimand) == (40, 80, "new_participants")
    assert look.mean == pytest.approx(values.mean())
    assert look.interval.low < look.mean < look.interval.high
    assert look.interval.level == 0.95
    assert "these tracks" in look.notes[0]


@pytest.mark.parametrize("method", METHODS)
def test_a_look_is_wider_than_the_interval_of_a_fixed_end(method: Method) -> None:
    values = means()
    look = take_look(values, method=method, estimand="new_participants", planned_participants=80)
    fixed = stats.t.ppf(0.975, 39) * values.std(ddof=1) / math.sqrt(40)
    assert (look.interval.high - look.interval.low) / 2 > fixed


@pytest.mark.parametrize("method", METHODS)
def test_naming_the_systems_the_other_way_round_mirrors_a_look(method: Method) -> None:
    settings = {"method": method, "estimand": "new_participants", "planned_participants": 80}
    one, other = take_look(means(), **settings), take_look(1 - means(), **settings)
    assert (other.interval.low, other.interval.high) == pytest.approx(
        (1 - one.interval.high, 1 - one.interval.low), abs=1e-9
    )
    assert one.decides == other.decides


@pytest.mark.parametrize("method", ["obrien_fleming", "pocock"])
def test_a_test_of_people_who_are_all_alike_says_nothing_yet(method: Method) -> None:
    look = take_look(np.full(20, 0.7), method=method, estimand="new_participants", planned_participants=40)
    assert (look.interval.low, look.interval.high, look.z, look.decides) == (0.0, 1.0, None, False)
    assert "all participants are alike" in look.notes[-1]


@pytest.mark.parametrize("method", ["confidence_sequence", "e_process"])
def test_watching_people_who_are_all_alike_keeps_a_width(method: Method) -> None:
    look = take_look(np.full(10, 0.7), method=method, estimand="new_participants", planned_participants=40)
    assert look.interval.high - look.interval.low > 0.3


def test_the_e_value_decides_exactly_with_its_interval() -> None:
    for rate in (0.5, 0.6, 0.7, 0.9):
        for n in (10, 30, 90):
            values = means(n, rate=rate, seed=n)
            look = take_look(values, method="e_process", estimand="new_participants", planned_participants=90)
            assert look.e_value is not None
            assert look.decides == (look.e_value >= 20)


def test_a_planned_look_decides_exactly_where_its_statistic_crosses() -> None:
    for rate in (0.5, 0.55, 0.6, 0.65):
        look = take_look(
            means(50, rate=rate),
            method="pocock",
            estimand="new_participants",
            planned_participants=100,
            earlier_looks=(20,),
        )
        assert look.z is not None
        assert look.z_bound is not None
        assert look.decides == (abs(look.z) > look.z_bound)


def test_every_earlier_look_costs_something_and_looking_again_at_the_same_people_nothing() -> None:
    settings = {"planned": 100, "alpha": 0.05, "shape": "pocock"}
    alone, after_one = planned_bounds([60], **settings)[60], planned_bounds([30, 60], **settings)[60]
    assert after_one > alone
    assert planned_bounds([30, 60, 60], **settings)[60] == after_one


def test_after_all_error_is_spent_another_look_is_refused() -> None:
    assert planned_bounds([50, 104], planned=100, alpha=0.05, shape="pocock")[104] > 1.96
    with pytest.raises(PeekRefusedError, match="all error was spent at the look with 100 of 100"):
        planned_bounds([50, 100, 104], planned=100, alpha=0.05, shape="pocock")


@pytest.mark.parametrize(
    ("method", "estimand", "participants", "reason"),
    [
        ("none", "new_participants", 40, "declares no sequential method"),
        ("wilson", "new_participants", 40, "unknown sequential method 'wilson'"),
        ("e_process", "new_participants_and_tracks", 40, "more participants add no tracks"),
        ("e_process", "new_participants", 9, "the first look is possible after 10"),
    ],
)
def test_looks_that_are_not_valid_are_refused_with_the_reason(
    method: str, estimand: str, participants: int, reason: str
) -> None:
    assert reason in why_no_peek(method, estimand=estimand, participants=participants)
    with pytest.raises(PeekRefusedError, match=reason):
        take_look(means(participants), method=method, estimand=estimand, planned_participants=50)


@pytest.mark.parametrize("values", [[1.2] * 20, [-0.1] * 20, [math.nan] * 20, [[0.5] * 20]])
def test_numbers_that_are_no_mean_scores_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        take_look(values, method="e_process", estimand="new_participants", planned_participants=50)


def test_the_measured_rules_are_the_products_own() -> None:
    """The bench decides on thousands of studies at once; here each of its decisions is a look of the product."""
    values = np.stack([means(50, rate=rate, seed=seed) for seed, rate in enumerate((0.5, 0.56, 0.6, 0.65, 0.72))])
    found = decisions(values)
    looks = (10, 20, 30, 40, 50)
    for rule, method in zip(VALID, METHODS, strict=True):
        for study, row in enumerate(values):
            for n in looks:
                look = take_look(
                    row[:n],
                    method=method,
                    estimand="new_participants",
                    planned_participants=50,
                    level=1 - ALPHA,
                    earlier_looks=[earlier for earlier in looks if earlier < n],
                )
                assert look.decides == found[rule][study, n - 1], (rule, study, n)
