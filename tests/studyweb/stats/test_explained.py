"""What explains a preference, against R: lines in covariates, two groups, the psychometric curve, Bang's index."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyweb.stats.ballots import Ballots, dense_codes
from studyweb.stats.blinding_index import Guess, blinding_index
from studyweb.stats.clusters import ClusterVariance, Estimand, FloatArray
from studyweb.stats.contrast import Contrast, estimate_contrast
from studyweb.stats.covariates import CovariateModel, even_point, fit_covariates
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.psychometric import PsychometricCurve, fit_psychometric_curve
from studyweb.stats.zero_of_a_line import where_line_is

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
R: dict[str, Any] = json.loads((GOLDEN / "explained.json").read_text())
NEW: Estimand = "new_participants_and_tracks"


def _columns() -> dict[str, FloatArray]:
    with (GOLDEN / "explained_rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


COLUMNS = _columns()
BALLOTS = Ballots(
    COLUMNS["score"],
    dense_codes(COLUMNS["participant"]),
    dense_codes(COLUMNS["track"]),
    np.ones(COLUMNS["score"].size, dtype=np.bool_),
)


def fitted(ballots: Ballots, measures: dict[str, FloatArray], *, estimand: Estimand = NEW) -> CovariateModel:
    model = fit_covariates(ballots, measures, estimand=estimand)
    assert isinstance(model, CovariateModel)
    return model


def equals_r(variance: ClusterVariance, golden: dict[str, list[float]], place: int) -> None:
    parts = [golden[name][place] for name in ("participant", "track", "cell")]
    assert [variance.participant, variance.track, variance.cell] == pytest.approx(parts, rel=1e-4)
    assert variance.used == pytest.approx(max(golden["two_way"][place], *parts[:2]), rel=1e-4)


@pytest.mark.parametrize(("case", "names"), [("one", ["lead_db"]), ("style", ["log_length", "moves"])])
def test_a_logistic_line_equals_r(case: str, names: list[str]) -> None:
    model, golden = fitted(BALLOTS, {name: COLUMNS[name] for name in names}), R[case]
    assert model.fit.parameters == pytest.approx(golden["coefficients"], rel=1e-5)
    for place, effect in enumerate([model.intercept, *model.slopes.values()]):
        equals_r(effect.variance, golden, place)


def test_a_separated_line_is_refused_with_the_reason() -> None:
    parted = (COLUMNS["lead_db"] > 0).astype(np.float64)
    ballots = Ballots(parted, BALLOTS.participant, BALLOTS.track, BALLOTS.first_is_a)
    refused = fit_covariates(ballots, {"lead_db": COLUMNS["lead_db"]})
    assert isinstance(refused, NotFitted)
    assert "no finite estimate" in refused.reason


def test_turning_the_systems_round_turns_the_line_round() -> None:
    one = fitted(BALLOTS, {"lead_db": COLUMNS["lead_db"]})
    turned = Ballots(1 - BALLOTS.score, BALLOTS.participant, BALLOTS.track, ~BALLOTS.first_is_a)
    other = fitted(turned, {"lead_db": -COLUMNS["lead_db"]})
    assert other.fit.parameters == pytest.approx(one.fit.parameters * [-1, 1], abs=1e-6)
    assert other.rate == pytest.approx(1 - one.rate, abs=1e-6)


def test_a_measure_that_follows_from_another_is_left_out_and_named() -> None:
    lead = COLUMNS["lead_db"]
    model = fitted(BALLOTS, {"lead": lead, "twice": 2 * lead + 1, "same": np.full(lead.size, 1.1)})
    assert list(model.slopes) == ["lead"]
    assert model.notes == ("twice: follows from lead, not told apart", "same: the same in every trial")


@pytest.mark.parametrize(
    ("rows", "why"),
    [(BALLOTS.score == 1.0, "alike"), (np.zeros(BALLOTS.n_answers, dtype=np.bool_), "no answers")],
)
def test_lines_are_refused_with_the_reason(rows: Any, why: str) -> None:
    refused = fit_covariates(BALLOTS.subset(rows), {"lead_db": COLUMNS["lead_db"][rows]})
    assert isinstance(refused, NotFitted)
    assert why in refused.reason


@pytest.mark.parametrize("which", ["participant", "track"])
def test_one_cluster_gives_a_line_without_intervals(which: str) -> None:
    rows = getattr(BALLOTS, which) == 0
    ballots = BALLOTS.subset(rows)
    model = fitted(ballots, {"lead_db": COLUMNS["lead_db"][rows]})
    assert model.intercept.interval is None
    assert model.rate_interval is None
    assert model.notes[-1] == f"one {which}: no interval"
    point = even_point(model, ballots, level=0.95)
    assert point is not None
    assert (point.interval, point.note) == (None, f"one {which}: no interval")


def test_the_even_point_is_where_the_line_gives_one_half() -> None:
    model = fitted(BALLOTS, {"lead_db": COLUMNS["lead_db"]})
    point = even_point(model, BALLOTS, level=0.95)
    assert point is not None
    assert point.value == pytest.approx(-R["one"]["coefficients"][0] / R["one"]["coefficients"][1], rel=1e-5)
    assert point.interval is not None
    assert point.interval.low < point.value < point.interval.high


def test_a_line_that_could_be_flat_has_no_interval_for_where_it_crosses() -> None:
    value, interval = where_line_is(
        0.0, np.array([1.0, 0.1]), np.array([[0.1, 0.0], [0.0, 0.1]]), quantile=2.0, level=0.95
    )
    assert value == -10.0
    assert interval is None


@given(
    st.floats(-3, 3),
    st.floats(0.5, 3),
    st.floats(0.001, 0.05),
    st.floats(0.001, 0.05),
    st.floats(-0.9, 0.9),
)
def test_fieller_ends_are_where_the_lines_own_interval_holds_the_value(
    intercept: float, slope: float, first: float, second: float, together: float
) -> None:
    cross = together * math.sqrt(first * second)
    covariance = np.array([[first, cross], [cross, second]])
    value, interval = where_line_is(0.0, np.array([intercept, slope]), covariance, quantile=2.0, level=0.95)
    assert interval is not None
    assert interval.low <= value <= interval.high
    for end in (interval.low, interval.high):
        at = np.array([1.0, end])
        assert abs(intercept + slope * end) == pytest.approx(2.0 * math.sqrt(at @ covariance @ at), rel=1e-6)


def contrast(values: FloatArray, is_with: Any) -> Contrast | NotFitted:
    return estimate_contrast(
        values, is_with, participant=BALLOTS.participant, track=BALLOTS.track, estimand=NEW, level=0.95
    )


def test_two_groups_equal_r() -> None:
    found, golden = contrast(BALLOTS.score, COLUMNS["asked"] == 1), R["asked"]
    assert isinstance(found, Contrast)
    assert found.mean_without == pytest.approx(golden["coefficients"][0])
    assert found.difference.value == pytest.approx(golden["coefficients"][1])
    equals_r(found.difference.variance, golden, 1)


def test_one_group_is_refused_and_groups_that_do_not_vary_have_no_interval() -> None:
    refused = contrast(BALLOTS.score, np.ones(BALLOTS.n_answers, dtype=np.bool_))
    assert isinstance(refused, NotFitted)
    assert refused.reason == "all 420 answers are in one group"
    fixed = contrast(COLUMNS["asked"], COLUMNS["asked"] == 1)
    assert isinstance(fixed, Contrast)
    assert (fixed.difference.value, fixed.difference.interval) == (1.0, None)
    assert fixed.difference.note == "all answers of a group are alike: no interval"


def curve(size_db: FloatArray, score: FloatArray) -> PsychometricCurve | NotFitted:
    return fit_psychometric_curve(size_db, score, BALLOTS.participant[: size_db.size])


def test_the_psychometric_curve_equals_r() -> None:
    found, golden = curve(COLUMNS["size_db"], COLUMNS["right"]), R["psychometric"]
    assert isinstance(found, PsychometricCurve)
    assert [found.intercept, found.slope] == pytest.approx(golden["coefficients"], rel=1e-5)
    assert found.covariance.reshape(-1) == pytest.approx(golden["covariance"], rel=1e-4)
    assert found.threshold_db == pytest.approx(golden["threshold_db"], rel=1e-5)
    assert found.interval is not None
    assert [found.interval.low, found.interval.high] == pytest.approx(golden["interval_db"], rel=1e-4)
    assert found.share(np.array([found.threshold_db]))[0] == pytest.approx(0.75)


SIZES = np.array([1.0, 2.0, 4.0, 8.0] * 10)


@pytest.mark.parametrize(
    ("sizes", "scores", "why"),
    [
        (SIZES[:0], SIZES[:0], "nobody was asked"),
        (np.full(40, 3.0), np.tile([1.0, 0.0], 20), "same size (3 dB)"),
        (SIZES, np.ones(40), "chosen at every size"),
        (SIZES, np.full(40, 0.5), "not found more often"),
        (SIZES, np.zeros(40), "not found more often"),
        (SIZES, (SIZES < 3).astype(float), "not found more often"),
    ],
)
def test_curves_are_refused_with_the_reason(sizes: FloatArray, scores: FloatArray, why: str) -> None:
    refused = curve(sizes, scores)
    assert isinstance(refused, NotFitted)
    assert why in refused.reason


def test_choices_that_part_at_one_size_have_no_slope() -> None:
    refused = curve(SIZES, np.where(SIZES > 3, 1.0, 0.5))
    assert isinstance(refused, NotFitted)
    assert "no finite slope" in refused.reason


def test_one_listener_has_a_threshold_without_an_interval() -> None:
    alone = fit_psychometric_curve(COLUMNS["size_db"], COLUMNS["right"], np.zeros(420, dtype=np.intp))
    assert isinstance(alone, PsychometricCurve)
    assert alone.threshold_db == pytest.approx(R["psychometric"]["threshold_db"], rel=1e-5)
    assert (alone.interval, alone.notes) == (None, ("one participant: no interval",))


@pytest.mark.parametrize("arm", ["treatment", "placebo"])
def test_bangs_index_and_variance_equal_those_of_the_paper(arm: str) -> None:
    golden = R["blinding"][arm]
    kinds: tuple[Guess, ...] = ("right", "wrong", "cant_tell")
    guesses = [kind for kind in kinds for _ in range(golden[kind])]
    found = blinding_index(guesses, level=0.6827)
    assert found.index == pytest.approx(golden["index"])
    assert found.interval is not None
    people = found.n_participants
    assert ((found.interval.high - found.interval.low) / 2) ** 2 == pytest.approx(
        golden["variance"] * people / (people - 1), rel=0.02
    )


def test_bangs_index_at_its_ends() -> None:
    all_right, unsure = blinding_index(["right"] * 10), blinding_index(["cant_tell"] * 10)
    assert all_right.index == 1.0
    assert all_right.interval is not None
    assert (round(all_right.interval.low, 3), all_right.interval.high) == (0.383, 1.0)
    assert (unsure.index, unsure.interval, unsure.note) == (0.0, None, "nobody could tell: no interval")
    assert blinding_index(["right"]).note == "one participant: no interval"
    assert blinding_index([]).index is None
