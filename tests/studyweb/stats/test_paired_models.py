"""Wins, ties and losses of one pair by Davidson's and by Rao & Kupper's model."""

import math

import numpy as np
import pytest

from studyweb.stats.ballots import Ballots
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_fit import TieModel
from studyweb.stats.paired_models import TieModelReport, fit_tie_model
from tests.studyweb.stats.test_mixed_logit import ballots_of

MODELS = ("davidson", "rao_kupper")


def report(ballots: Ballots, *, ties: TieModel) -> TieModelReport:
    model = fit_tie_model(ballots, ties=ties)
    assert isinstance(model, TieModelReport)
    return model


def without_sides(ballots: Ballots) -> Ballots:
    return Ballots(ballots.score, ballots.participant, ballots.track, np.ones(ballots.n_answers, bool))


def test_davidson_without_sides_is_closed_form() -> None:
    ballots = ballots_of("ties")
    wins, ties, losses = (int((ballots.score == score).sum()) for score in (1.0, 0.5, 0.0))
    model = report(without_sides(ballots), ties="davidson")
    assert model.preference.value == pytest.approx(math.log(wins / losses), abs=1e-6)
    assert model.tie_parameter == pytest.approx(ties / math.sqrt(wins * losses), abs=1e-6)


def test_rao_kupper_without_sides_is_closed_form() -> None:
    ballots = ballots_of("ties")
    shares = {score: float((ballots.score == score).mean()) for score in (1.0, 0.0)}
    above, below = (math.log(shares[score] / (1 - shares[score])) for score in (1.0, 0.0))
    model = report(without_sides(ballots), ties="rao_kupper")
    assert model.preference.value == pytest.approx((above - below) / 2, abs=1e-6)
    assert model.tie_parameter == pytest.approx(-(above + below) / 2, abs=1e-6)


@pytest.mark.parametrize("ties", MODELS)
def test_intervals_hold_the_estimates_and_are_wider_than_those_of_independent_answers(ties: TieModel) -> None:
    model = report(ballots_of("ties"), ties=ties)
    interval = model.preference.interval
    assert interval is not None
    assert interval.low < model.preference.value < interval.high
    assert "clustered by participant and track" in interval.method
    assert model.preference.variance.used > model.preference.variance.independent
    assert model.tie_interval is not None
    assert 0 < model.tie_interval.low < model.tie_parameter < model.tie_interval.high


@pytest.mark.parametrize("ties", MODELS)
def test_one_side_only_is_fitted_without_the_sides_effect_and_says_so(ties: TieModel) -> None:
    model = report(without_sides(ballots_of("ties")), ties=ties)
    assert model.side is None
    assert "always stood on one side" in model.notes[0]


def test_one_participant_has_an_estimate_without_an_interval() -> None:
    ballots = ballots_of("ties")
    alone = Ballots(ballots.score, np.zeros_like(ballots.participant), ballots.track, ballots.first_is_a)
    model = report(alone, ties="davidson")
    assert model.preference.interval is None
    assert model.label == "indicative"
    assert model.notes == ("one participant: no interval",)


def test_without_ties_both_refuse() -> None:
    model = fit_tie_model(ballots_of("even"), ties="davidson")
    assert isinstance(model, NotFitted)


def test_ties_as_half_is_no_model_of_ties() -> None:
    with pytest.raises(ValueError, match="primary result"):
        fit_tie_model(ballots_of("ties"), ties="half")
