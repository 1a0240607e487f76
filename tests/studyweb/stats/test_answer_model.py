"""Simulated answers have the rate, the ties and the differences that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.stats.answer_model import AnswerModel, AnswerModelError, deal_meetings, draw_scores


@pytest.mark.parametrize(
    "model",
    [
        AnswerModel(),
        AnswerModel(rate=0.65, participant_sd=0.8, track_sd=0.3, tie_rate=0.3, side_log_odds=0.5),
        AnswerModel(rate=0.2, participant_sd=0.0, track_sd=0.0, tie_rate=0.3),
    ],
)
def test_drawn_answers_have_the_rate_and_the_ties_asked_for(model: AnswerModel) -> None:
    rng = np.random.default_rng(1)
    meetings = deal_meetings(np.full(20, 5), tracks=10, rng=rng)
    scores = draw_scores(model, meetings, studies=4_000, rng=rng)
    by_study = scores.mean(axis=1)
    assert by_study.mean() == pytest.approx(model.rate, abs=4 * by_study.std() / 4_000**0.5)
    assert (scores == 0.5).mean() == pytest.approx(model.tie_rate, abs=0.01)
    assert set(np.unique(scores)) <= {0.0, 0.5, 1.0}


@given(
    rate=st.floats(0.15, 0.85),
    people=st.floats(0, 1.5),
    tracks=st.floats(0, 1.5),
    ties=st.floats(0.0, 0.25),
    side=st.floats(-0.8, 0.8),
)
@settings(max_examples=25, deadline=None)
def test_naming_the_systems_the_other_way_round_turns_the_shift_and_keeps_the_ties(
    rate: float, people: float, tracks: float, ties: float, side: float
) -> None:
    shift, tie = AnswerModel(rate, people, tracks, ties, side).shift_and_tie
    other_shift, other_tie = AnswerModel(1 - rate, people, tracks, ties, side).shift_and_tie
    assert (other_shift, other_tie) == pytest.approx((-shift, tie), abs=1e-6)


def test_without_ties_and_differences_the_shift_is_the_logit_of_the_rate() -> None:
    assert AnswerModel(rate=0.6, participant_sd=0, track_sd=0).shift_and_tie == pytest.approx((np.log(1.5), 0.0))


def test_slot_a_attracts_as_often_as_its_log_odds_say() -> None:
    rng = np.random.default_rng(2)
    meetings = deal_meetings(np.full(10, 10), tracks=10, rng=rng)
    model = AnswerModel(participant_sd=0, track_sd=0, side_log_odds=0.5)
    # Within a person half of the trials have the first system in A, so that person's share of wins has the variance
    # of two halves: p (1 - p) with p = expit(.5) = .6225, and not of a fair coin.
    per_person = draw_scores(model, meetings, studies=5_000, rng=rng).reshape(-1, 10).sum(axis=1)
    assert per_person.var() == pytest.approx(10 * 0.6225 * 0.3775, rel=0.03)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate": 1.0}, "lies between"),
        ({"rate": 0.9, "tie_rate": 0.5}, "lies between 0.25 and 0.75"),
        ({"tie_rate": 0.95}, "tie rate"),
        ({"participant_sd": -0.1}, "standard deviations"),
        ({"track_sd": 5.0}, "standard deviations"),
    ],
)
def test_models_that_cannot_be_are_refused(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(AnswerModelError, match=said):
        AnswerModel(**wrong)


def test_meetings_fill_tracks_evenly_and_nobody_meets_one_twice() -> None:
    rng = np.random.default_rng(3)
    meetings = deal_meetings(rng.integers(2, 8, 30), tracks=11, rng=rng)
    cells = meetings.participant * 11 + meetings.track
    assert np.unique(cells).size == cells.size
    filled = np.bincount(meetings.track)
    assert filled.max() - filled.min() <= 1


@pytest.mark.parametrize("counts", [[], [0, 2], [3, 12]])
def test_meetings_that_cannot_be_dealt_are_refused(counts: list[int]) -> None:
    with pytest.raises(AnswerModelError, match="at most all 11 tracks"):
        deal_meetings(np.array(counts, dtype=np.intp), tracks=11, rng=np.random.default_rng(1))
