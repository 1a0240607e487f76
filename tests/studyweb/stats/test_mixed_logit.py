"""The mixed logit equals lme4::glmer and ordinal::clmm, both by Laplace; golden values and script in tests/golden."""

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from studyweb.stats.ballots import Ballots, ballots_from_rows, dense_codes
from studyweb.stats.crossed_logit import CrossedFit, CrossedRows, fit_crossed
from studyweb.stats.laplace import find_modes, gradient_of, laplace_value
from studyweb.stats.mixed_logit import MixedLogit, Ties, fit_mixed_logit
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.ordered import ordered_rows
from studyweb.stats.preference import estimate_preference
from tests.conftest import needed
from tests.servers.find import find_r

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "mixed_logit.json").read_text())
WITH_SPREAD = ("even", "uneven", "ties")


def ballots_of(case: str) -> Ballots:
    with (GOLDEN / "mixed_logit_rows.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == case]
    return ballots_from_rows(
        [float(row["score"]) for row in rows],
        [row["participant"] for row in rows],
        [row["track"] for row in rows],
        [row["first_is_a"] == "1" for row in rows],
    )


def fitted(ballots: Ballots, *, ties: Ties = "left_out") -> MixedLogit:
    model = fit_mixed_logit(ballots, ties=ties)
    assert isinstance(model, MixedLogit)
    return model


def why_not(ballots: Ballots, *, ties: Ties = "left_out") -> str:
    model = fit_mixed_logit(ballots, ties=ties)
    assert isinstance(model, NotFitted)
    return model.reason


def numbers(model: MixedLogit) -> list[float]:
    assert model.side is not None
    return [model.typical.value, model.side.value, model.participant_sd, model.track_sd]


@pytest.mark.parametrize("case", WITH_SPREAD)
def test_estimates_equal_those_of_glmer(case: str) -> None:
    model, theirs = fitted(ballots_of(case)), EXPECTED["left_out"][case]
    assert numbers(model) == pytest.approx([*theirs["coefficients"], *theirs["sds"]], abs=1e-3)
    assert model.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-5)


@pytest.mark.parametrize("case", WITH_SPREAD)
def test_standard_errors_equal_those_of_glmer(case: str) -> None:
    model, theirs = fitted(ballots_of(case)), EXPECTED["left_out"][case]
    assert model.side is not None
    errors = [model.typical.standard_error, model.side.standard_error]
    assert errors == pytest.approx(theirs["standard_errors"], abs=1e-3)


def test_without_any_spread_it_is_the_plain_logit_and_says_so() -> None:
    model, theirs = fitted(ballots_of("no_spread")), EXPECTED["left_out"]["no_spread"]
    assert numbers(model) == pytest.approx([*theirs["coefficients"], 0, 0], abs=1e-3)
    assert model.typical.standard_error == pytest.approx(theirs["standard_errors"][0], abs=1e-3)
    assert len([note for note in model.notes if "estimated as 0" in note]) == 2


def test_ties_as_outcomes_equal_clmm() -> None:
    model, theirs = fitted(ballots_of("ties"), ties="outcomes"), EXPECTED["outcomes"]["ties"]
    assert numbers(model) == pytest.approx([*theirs["coefficients"], *theirs["sds"]], abs=1e-3)
    assert model.tie_threshold == pytest.approx(theirs["tie_threshold"], abs=1e-3)
    assert model.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-5)
    assert model.side is not None
    errors = [model.typical.standard_error, model.side.standard_error]
    assert errors == pytest.approx([theirs["typical_error"], theirs["side_error"]], abs=2e-3)


@pytest.fixture(scope="module")
def verbal_aggression(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """7,584 answers of 316 people to 24 items (De Boeck & Wilson 2004), as R's lme4 brings them."""
    table = tmp_path_factory.mktemp("verbal_aggression") / "rows.csv"
    script = f'write.csv(lme4::VerbAgg, "{table}", row.names = FALSE)'
    subprocess.run([needed(find_r(), "R"), "-e", script], check=True, capture_output=True, timeout=120)
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def test_verbal_aggression_equals_glmer(verbal_aggression: list[dict[str, str]]) -> None:
    def column(name: str) -> np.ndarray:
        return np.array([row[name] for row in verbal_aggression])

    coded = ("Gender", "M"), ("btype", "scold"), ("btype", "shout"), ("situ", "self")
    design = np.column_stack(
        [
            np.ones(len(verbal_aggression)),
            column("Anger").astype(float),
            *(column(name) == value for name, value in coded),
        ]
    )
    rows = CrossedRows(
        design, (column("r2") == "Y").astype(np.intp), dense_codes(column("id")), dense_codes(column("item"))
    )
    fit = fit_crossed(rows, cuts=lambda _: np.zeros(1), shape_start=np.zeros(0))
    theirs = EXPECTED["verbal_aggression"]
    assert isinstance(fit, CrossedFit)
    assert fit.coefficients == pytest.approx(theirs["coefficients"], abs=1e-3)
    assert fit.standard_errors[:-2] == pytest.approx(theirs["standard_errors"], abs=1e-3)
    assert [fit.participant_sd, fit.track_sd] == pytest.approx(theirs["sds"], abs=1e-3)
    assert -2 * fit.log_likelihood == pytest.approx(8151.400, abs=1e-3)


def test_the_gradient_is_that_of_the_approximate_likelihood() -> None:
    rng = np.random.default_rng(1)
    first, second, category = rng.integers(0, 7, 90), rng.integers(0, 5, 90), rng.integers(0, 4, 90)
    design, cuts = rng.normal(size=(90, 2)), np.array([-1.0, 0.2, 0.9])

    def modes(at: np.ndarray) -> Any:
        likelihood = lambda eta: ordered_rows(category, eta, cuts)  # noqa: E731
        return find_modes(likelihood, fixed=design @ at[:2], factors=(first, second), sds=(at[2], at[3]))

    at = np.array([0.3, -0.2, 0.8, 0.5])
    expected = approx_fprime(at, lambda point: laplace_value(modes(point)), 1e-6)
    assert gradient_of(modes(at), design) == pytest.approx(expected, abs=1e-4)


def test_the_average_rate_is_nearer_to_one_half_than_the_typical_and_close_to_the_primary() -> None:
    ballots = ballots_of("ties")
    model = fitted(ballots, ties="outcomes")
    typical = 1 / (1 + np.exp(-model.typical.value))
    assert 0.5 < model.average_rate < typical
    assert model.average_rate == pytest.approx(estimate_preference(ballots).rate, abs=0.03)
    assert model.average_interval.low < model.average_rate < model.average_interval.high


@pytest.mark.parametrize("ties", ["left_out", "outcomes"])
def test_swapping_the_systems_mirrors_the_model(ties: Ties) -> None:
    ballots = ballots_of("ties")
    swapped = Ballots(1 - ballots.score, ballots.participant, ballots.track, ~ballots.first_is_a)
    model, mirrored = fitted(ballots, ties=ties), fitted(swapped, ties=ties)
    assert mirrored.typical.value == pytest.approx(-model.typical.value, abs=1e-4)
    assert mirrored.average_rate == pytest.approx(1 - model.average_rate, abs=1e-4)
    assert mirrored.side is not None
    assert model.side is not None
    assert mirrored.side.value == pytest.approx(model.side.value, abs=1e-4)


def test_track_rates_are_shrunken_and_a_new_track_lies_among_them() -> None:
    model = fitted(ballots_of("even"))
    raw = [ballots_of("even").score[ballots_of("even").track == track].mean() for track in range(16)]
    assert np.std(model.track_rates) < np.std(raw)
    assert model.new_track_interval.low < model.track_rates.min()
    assert model.new_track_interval.high > model.track_rates.max()
    assert model.share_of_tracks_above_half == pytest.approx((model.track_rates > 0.5).mean())


def some(scores: np.ndarray) -> Ballots:
    participants, tracks = np.indices(scores.shape)
    sides = (participants + tracks) % 2 == 0
    return Ballots(scores.ravel().astype(float), participants.ravel(), tracks.ravel(), sides.ravel())


MIXED = np.random.default_rng(3).random((8, 8)) < 0.6


@pytest.mark.parametrize(
    ("scores", "reason"),
    [
        (np.ones((8, 8)), "all answers are alike"),
        (np.full((8, 8), 0.5), "every answer is no preference"),
        (MIXED[:1], "one participant"),
        (MIXED[:, :1], "one track"),
        (np.empty((0, 0)), "no answers"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_reason(scores: np.ndarray, reason: str) -> None:
    assert reason in why_not(some(scores))


def test_without_ties_there_is_no_model_of_ties() -> None:
    assert "no answer is a tie" in why_not(some(MIXED), ties="outcomes")


def test_a_side_that_decides_everything_has_no_finite_effect() -> None:
    always_a = some(np.indices((8, 8)).sum(axis=0) % 2 == 0)
    assert "no finite estimate" in why_not(always_a)


def test_one_side_only_is_fitted_without_the_sides_effect() -> None:
    ballots = ballots_of("even")
    one_sided = Ballots(ballots.score, ballots.participant, ballots.track, np.ones(ballots.n_answers, bool))
    model = fitted(one_sided)
    assert model.side is None
    assert "always stood on one side" in model.notes[0]


def test_an_unknown_treatment_of_ties_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown treatment of ties"):
        fit_mixed_logit(some(MIXED), ties="halved")  # type: ignore[arg-type]
