"""Davidson, Rao & Kupper and Bradley-Terry equal R's fits and R's two-way sandwich; golden values in tests/golden."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import CellSums, cluster_variance
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_fit import TIE_MODELS, PairedFit, TieModel, fit_paired

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "paired_models.json").read_text())


def table(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(newline="") as file:
        return list(csv.DictReader(file))


def fitted(design: np.ndarray, score: np.ndarray, *, ties: TieModel) -> PairedFit:
    fit = fit_paired(design, score, ties=ties)
    assert isinstance(fit, PairedFit)
    return fit


def pudding() -> tuple[np.ndarray, np.ndarray]:
    """Davidson's 745 votes on six brands: contrasts with the first brand, scores."""
    rows = [
        (int(row["i"]), int(row["j"]), score)
        for row in table("pudding.csv")
        for name, score in (("first", 1.0), ("tie", 0.5), ("second", 0.0))
        for _ in range(int(row[name]))
    ]
    design = np.array([[(i == brand) - (j == brand) for brand in range(2, 7)] for i, j, _ in rows], dtype=float)
    return design, np.array([score for _, _, score in rows])


def study() -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Four systems: contrasts with the first and the side, scores, columns."""
    rows = table("ranking_rows.csv")
    columns = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
    contrasts = [(columns["first"] == k).astype(float) - (columns["second"] == k) for k in (2, 3, 4)]
    return np.column_stack([*contrasts, columns["first_is_a"] - 0.5]), columns["score"], columns


def test_davidson_on_his_pudding_equals_r_and_the_published_worths() -> None:
    fit, theirs = fitted(*pudding(), ties="davidson"), EXPECTED["davidson_pudding"]
    assert fit.parameters == pytest.approx(theirs["coefficients"], abs=1e-5)
    assert fit.independent_errors == pytest.approx(theirs["errors"], abs=1e-5)
    assert fit.log_likelihood == pytest.approx(-809.71, abs=5e-3)
    worths = np.exp([0.0, *fit.parameters[:5]])
    assert worths / worths.sum() == pytest.approx([0.1388, 0.1730, 0.1617, 0.1654, 0.1587, 0.2024], abs=1e-4)
    assert np.exp(fit.parameters[-1]) == pytest.approx(0.7468, abs=1e-4)


def test_rao_kupper_equals_a_cumulative_logit_with_symmetric_thresholds() -> None:
    design, score, _ = study()
    fit, theirs = fitted(design, score, ties="rao_kupper"), EXPECTED["rao_kupper"]
    assert fit.parameters[:-1] == pytest.approx(theirs["coefficients"], abs=1e-5)
    assert np.exp(fit.parameters[-1]) == pytest.approx(theirs["tau"], abs=1e-5)
    assert fit.independent_errors[:-1] == pytest.approx(theirs["errors"], abs=1e-5)
    assert fit.log_likelihood == pytest.approx(theirs["log_likelihood"], abs=1e-6)


def test_the_two_way_sandwich_equals_that_of_r() -> None:
    design, score, columns = study()
    fit, theirs = fitted(design, score, ties="half"), EXPECTED["ranking"]
    assert fit.parameters == pytest.approx(theirs["coefficients"], abs=1e-6)
    participant, track = dense_codes(columns["participant"]), dense_codes(columns["track"])
    for place, influence in enumerate(fit.influence.T):
        cells = CellSums.of(influence * score.size, participant, track)
        ours = cluster_variance(cells, mean=0.0, spread=1.0, estimand="new_participants_and_tracks")
        assert ours.participant == pytest.approx(theirs["participant"][place], rel=1e-5)
        assert ours.track == pytest.approx(theirs["track"][place], rel=1e-5)
        assert ours.participant + ours.track - ours.cell == pytest.approx(theirs["two_way"][place], rel=1e-5)


@pytest.mark.parametrize("ties", TIE_MODELS)
def test_scores_sum_to_zero_at_the_maximum(ties: TieModel) -> None:
    design, score, _ = study()
    assert fitted(design, score, ties=ties).influence.sum(axis=0) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("ties", TIE_MODELS)
def test_turning_every_comparison_round_turns_the_effects(ties: TieModel) -> None:
    design, score, _ = study()
    fit, turned = fitted(design, score, ties=ties), fitted(design, 1 - score, ties=ties)
    assert turned.parameters[:4] == pytest.approx(-fit.parameters[:4], abs=1e-6)
    assert turned.parameters[4:] == pytest.approx(fit.parameters[4:], abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "ties", "reason"),
    [
        ([], "half", "no answers"),
        ([1.0, 1.0], "half", "all answers are alike"),
        ([0.5, 0.5], "davidson", "every answer is no preference"),
        ([1.0, 0.0], "rao_kupper", "no answer is a tie"),
    ],
)
def test_what_has_no_estimate_is_refused(scores: list[float], ties: TieModel, reason: str) -> None:
    fit = fit_paired(np.ones((len(scores), 1)), np.array(scores), ties=ties)
    assert isinstance(fit, NotFitted)
    assert reason in fit.reason


@pytest.mark.parametrize("ties", ["davidson", "rao_kupper"])
def test_wins_and_ties_without_a_loss_have_no_finite_effect(ties: TieModel) -> None:
    fit = fit_paired(np.ones((40, 1)), np.array([1.0] * 30 + [0.5] * 10), ties=ties)
    assert isinstance(fit, NotFitted)
    assert "no finite estimate" in fit.reason


def test_an_unknown_model_is_an_error() -> None:
    with pytest.raises(ValueError, match="unknown model of ties"):
        fit_paired(np.ones((2, 1)), np.array([0.0, 1.0]), ties="dropped")  # type: ignore[arg-type]
