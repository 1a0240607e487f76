"""Ratings of two advices: dominance by hand, several criteria at once, and the ordinal model against ordinal::clmm."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyweb.stats.ballots import dense_codes
from studyweb.stats.cumulative_logit import RatingModel, fit_rating_model, ordered_differences, symmetric_cuts
from studyweb.stats.differences import PairedRatings, estimate_difference
from studyweb.stats.dominance import estimate_dominance
from studyweb.stats.multiplicity import holm, judge_together
from studyweb.stats.not_fitted import NotFitted

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "ratings.json").read_text())
BOTH = "new_participants_and_tracks"
NAN = float("nan")


def rated(first: list[float], second: list[float], people: list[int], tracks: list[int]) -> PairedRatings:
    return PairedRatings(np.array(first), np.array(second), np.array(people), np.array(tracks))


def drawn(seed: int, *, people: int = 12, tracks: int = 10, effect: float = 0.5) -> PairedRatings:
    """Everybody rates every track on seven points; people and tracks differ."""
    draw = np.random.default_rng(seed)
    person, track = (codes.reshape(-1) for codes in np.indices((people, tracks)))
    pull = effect + draw.normal(0, 0.6, people)[person] + draw.normal(0, 0.6, tracks)[track]
    first, second = (np.clip(np.round(4 + way * pull / 2 + draw.normal(0, 1.2, person.size)), 1, 7) for way in (1, -1))
    return PairedRatings(first, second, person, track)


def golden_case(case: str) -> tuple[PairedRatings, np.ndarray]:
    with (GOLDEN / "ratings_rows.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == case]
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "case"}
    people, tracks = dense_codes(columns["participant"]), dense_codes(columns["track"])
    return PairedRatings(columns["first"], columns["second"], people, tracks), columns["first_is_a"] == 1


def modelled(ratings: PairedRatings, first_is_a: np.ndarray) -> RatingModel:
    model = fit_rating_model(ratings, first_is_a)
    assert isinstance(model, RatingModel)
    return model


def test_dominance_counts_equal_ratings_as_half_and_leaves_out_what_nobody_could_tell() -> None:
    estimate = estimate_dominance(rated([7, 3, 2, NAN], [1, 3, 5, 4], [0, 0, 1, 1], [0, 1, 0, 1]))
    assert (estimate.rate, estimate.n_answers) == ((1 + 0.5 + 0) / 3, 3)


def test_dominance_knows_only_the_order_of_the_scale_points() -> None:
    ratings = drawn(1)
    stretched = PairedRatings(ratings.first**3, ratings.second**3, ratings.participant, ratings.track)
    assert estimate_dominance(stretched) == estimate_dominance(ratings)


def test_dominance_without_answers_or_with_one_person_says_why() -> None:
    assert estimate_dominance(rated([NAN], [1], [0], [0])).notes == ("no answers yet",)
    assert estimate_dominance(rated([5, 6], [1, 6], [0, 0], [0, 1])).notes == ("one participant: no interval",)


def test_holm_equals_p_adjust() -> None:
    assert holm(EXPECTED["holm"]["p"]) == pytest.approx(EXPECTED["holm"]["adjusted"])
    assert holm([]) == []


def test_a_criterion_alone_keeps_its_own_interval_and_p() -> None:
    ratings = drawn(2)
    alone = judge_together({"want": ratings}, estimand=BOTH, level=0.95)["want"]
    own = estimate_difference(ratings).interval
    assert alone.interval is not None
    assert own is not None
    assert (alone.interval.low, alone.interval.high) == pytest.approx((own.low, own.high))
    assert alone.adjusted_p == alone.p_value
    # The p-value and the interval are one test.
    level = 1 - (alone.p_value or 0)
    at_p = estimate_difference(ratings, level=level).interval
    assert at_p is not None
    assert min(abs(at_p.low), abs(at_p.high)) == pytest.approx(0, abs=1e-9)


def test_intervals_of_a_family_are_wider_than_alone_and_narrower_than_bonferroni() -> None:
    family = {name: drawn(seed) for seed, name in enumerate(("tells", "want", "improves"))}
    together = judge_together(family, estimand=BOTH, level=0.95)
    for name, ratings in family.items():
        widths = [
            interval.high - interval.low
            for interval in (
                estimate_difference(ratings).interval,
                together[name].interval,
                estimate_difference(ratings, level=1 - 0.05 / 3).interval,
            )
            if interval is not None
        ]
        assert widths == sorted(widths)
        assert len(set(widths)) == 3


def test_the_same_criterion_twice_costs_next_to_nothing() -> None:
    ratings = drawn(3)
    twice = judge_together({"one": ratings, "two": ratings}, estimand=BOTH, level=0.95)
    own = estimate_difference(ratings).interval
    assert own is not None
    assert twice["one"].interval is not None
    assert twice["one"].interval.high == pytest.approx(own.high, rel=0.02)


def test_the_primary_criterion_stands_outside_the_family() -> None:
    family = {name: drawn(seed) for seed, name in enumerate(("tells", "want", "improves"))}
    together = judge_together(family, primary="want", estimand=BOTH, level=0.95)
    own = estimate_difference(family["want"]).interval
    assert together["want"].adjusted_p is None
    assert own is not None
    assert together["want"].interval is not None
    assert together["want"].interval.high == pytest.approx(own.high)
    smaller, larger = sorted((together["tells"], together["improves"]), key=lambda member: member.p_value or 0)
    assert smaller.adjusted_p == pytest.approx(2 * (smaller.p_value or 0))
    assert larger.adjusted_p == pytest.approx(max(larger.p_value or 0, smaller.adjusted_p or 0))


def test_criteria_that_cannot_be_tested_say_why_and_leave_the_others_alone() -> None:
    good = drawn(4)
    alike = PairedRatings(good.first, good.first - 1, good.participant, good.track)
    unrated = PairedRatings(np.full_like(good.first, NAN), good.second, good.participant, good.track)
    together = judge_together({"good": good, "alike": alike, "unrated": unrated}, estimand=BOTH, level=0.95)
    assert set(together) == {"good", "alike"}
    assert together["alike"].note == "all differences are alike: no interval"
    assert (together["alike"].p_value, together["alike"].interval) == (None, None)
    assert together["good"].adjusted_p == together["good"].p_value
    one = judge_together({"one": rated([5, 6], [1, 6], [0, 0], [0, 1])}, estimand=BOTH, level=0.95)["one"]
    assert (one.note, one.p_value, one.interval) == ("one participant: no interval", None, None)


@pytest.mark.parametrize("case", sorted(EXPECTED["models"]))
def test_the_ordinal_model_equals_clmm(case: str) -> None:
    model, theirs = modelled(*golden_case(case)), EXPECTED["models"][case]
    assert model.side is not None
    assert [model.typical.value, model.side.value] == pytest.approx([theirs["typical"], theirs["side"]], abs=1e-3)
    assert [model.participant_sd, model.track_sd] == pytest.approx(theirs["sds"], abs=1e-3)
    assert model.thresholds == pytest.approx(theirs["thresholds"], abs=1e-3)
    errors = [model.typical.standard_error, model.side.standard_error]
    assert errors == pytest.approx([theirs["typical_error"], theirs["side_error"]], abs=1e-3)
    assert model.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-5)


def test_swapping_the_systems_turns_the_model_round() -> None:
    ratings, first_is_a = golden_case("three_points")
    there = modelled(ratings, first_is_a)
    back = modelled(PairedRatings(ratings.second, ratings.first, ratings.participant, ratings.track), ~first_is_a)
    assert back.typical.value == pytest.approx(-there.typical.value, abs=1e-5)
    assert back.odds == pytest.approx(1 / there.odds, rel=1e-4)


def test_models_that_cannot_be_fitted_say_why() -> None:
    def reason(*columns: list[float]) -> str:
        first, second, people, tracks = columns
        ratings = rated(first, second, [int(code) for code in people], [int(code) for code in tracks])
        model = fit_rating_model(ratings, np.array([True, False] * 4)[: len(first)])
        assert isinstance(model, NotFitted)
        return model.reason

    assert reason([NAN], [1], [0], [0]) == "nobody rated both"
    assert reason([4] * 8, [4] * 8, [0, 1] * 4, [0, 0, 1, 1] * 2) == "all answers are alike: no finite estimate"
    assert reason([4, 5, 1], [4, 3, 2], [0, 0, 0], [0, 1, 2]).startswith("one participant")
    assert reason([4, 5, 1], [4, 3, 2], [0, 1, 2], [0, 0, 0]).startswith("one track")


def test_ratings_that_all_favour_one_system_have_no_finite_odds() -> None:
    ratings = rated([5, 6, 7, 5, 2, 7, 5, 6], [2] * 8, [0, 1] * 4, [0, 0, 1, 1] * 2)
    never_lower = fit_rating_model(ratings, np.array([True, False] * 4))
    assert never_lower == NotFitted("one system was never rated lower: no finite estimate")


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=30))
def test_categories_keep_the_order_of_differences_and_are_symmetric(differences: list[int]) -> None:
    within = np.array(differences, dtype=np.float64)
    category, has_zero = ordered_differences(within)
    mirrored, _ = ordered_differences(-within)
    sizes = np.unique(np.abs(within)).size - has_zero
    highest = 2 * sizes - (0 if has_zero else 1)
    assert (category + mirrored == highest).all()
    assert category.min() >= 0
    assert category.max() <= highest
    assert (np.sign(np.subtract.outer(category, category)) == np.sign(np.subtract.outer(within, within))).all()


@given(st.lists(st.floats(-2, 2), max_size=6), st.booleans())
def test_cut_points_rise_and_are_symmetric(shape: list[float], has_zero: bool) -> None:
    cuts = symmetric_cuts(np.array(shape), has_zero=has_zero)
    assert (np.diff(cuts) > 0).all()
    assert cuts == pytest.approx(-cuts[::-1])
    assert cuts.size == 2 * len(shape) + (0 if has_zero else 1)
