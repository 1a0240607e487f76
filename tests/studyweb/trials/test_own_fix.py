"""The own fix: positions before reading, texts only afterwards, distances to each advice."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from datagen.words import STEMS
from studyweb.studies.models import Study
from studyweb.trials.answers import AnswerConflictError, store_answers
from studyweb.trials.models import Answer, Trial
from studyweb.trials.own_fix import BadFadersError, distance_db, read_faders, write_faders
from studyweb.trials.submissions import BadSubmissionError
from studyweb.trials.trial_data import trial_data
from studyweb.trials.your_data import data_to_take
from tests.factories import join, make_study, play_session, post, read_answers, submission

AUDITION = {"mode": "own_fix", "solo": True, "gate_seconds": 1}
POSITIONS = st.fixed_dictionaries({stem: st.integers(-24, 24).map(lambda steps: steps / 2) for stem in STEMS})


def faders(**gains_db: float) -> str:
    return json.dumps({stem: gains_db.get(stem, 0.0) for stem in STEMS})


@pytest.fixture
def study(db: None) -> Study:
    return make_study(audio=False, design={"audition": AUDITION, "practice": 0})


@pytest.fixture
def trial(study: Study) -> Trial:
    join(study)
    return Trial.objects.get(position=1)


@given(st.fixed_dictionaries({stem: st.floats(-30, 30) for stem in STEMS}))
def test_what_is_written_is_on_the_grid_and_reads_back(gains_db: Mapping[str, float]) -> None:
    read = read_faders(write_faders(gains_db), STEMS)
    assert list(read) == list(STEMS)
    assert all(abs(read[stem] - gain_db) <= 0.25 for stem, gain_db in gains_db.items() if abs(gain_db) <= 12)


@given(POSITIONS, POSITIONS, st.integers(-12, 12))
def test_a_distance_is_symmetric_and_blind_to_a_common_gain(
    own: Mapping[str, float], advised: Mapping[str, float], common_db: float
) -> None:
    distance = distance_db(own, advised, STEMS)
    assert distance == pytest.approx(distance_db(advised, own, STEMS))
    assert distance == pytest.approx(distance_db({s: g + common_db for s, g in own.items()}, advised, STEMS), abs=1e-9)
    assert distance_db(own, own, STEMS) == pytest.approx(0.0, abs=1e-9)


def test_one_stem_moved_by_four_db_of_four_is_the_square_root_of_three_away() -> None:
    assert distance_db({"vocals": 4.0}, {}, STEMS) == pytest.approx(3**0.5)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("loud", "must be a JSON object"),
        ("[]", "must give a gain for each"),
        ('{"drums": 0}', "must give a gain for each"),
        (faders(drums=0.3), "drums must be a multiple of 0.5 dB"),
        (faders(bass=12.5), "bass must be a multiple"),
        (faders(bass=float("nan")), "bass must be a multiple"),
        (faders(bass=True), "bass must be a multiple"),
    ],
)
def test_faders_that_cannot_be_are_refused(trial: Trial, value: str, said: str) -> None:
    with pytest.raises(BadFadersError, match=said):
        read_faders(value, STEMS)
    with pytest.raises(BadSubmissionError, match=said):
        store_answers(trial, submission(post("own_fix", value), step="fix"))
    assert not Answer.objects.exists()


def test_texts_come_only_with_the_stored_fix(trial: Trial) -> None:
    before = trial_data(trial)
    assert (before["current_step"], before["texts"]) == ("fix", None)
    Trial.objects.filter(pk=trial.pk).update(started_at=timezone.now())
    assert "A" not in data_to_take(trial.participant)["trials"][0]
    store_answers(trial, submission(post("own_fix", faders(drums=-2.5)), step="fix"))
    after = trial_data(Trial.objects.get(pk=trial.pk))
    assert (after["current_step"], after["conditions"]) == ("read", None)
    assert after["texts"] == {"A": trial.advice_a.text, "B": trial.advice_b.text}


def test_reading_is_not_over_before_the_fix(trial: Trial) -> None:
    store_answers(trial, submission(*read_answers(trial), step="read"))
    assert Trial.objects.get(pk=trial.pk).read_at is None


def test_the_fix_stands_once_the_texts_can_be_read(trial: Trial) -> None:
    store_answers(trial, submission(post("own_fix", faders()), step="fix"))
    with pytest.raises(AnswerConflictError):
        store_answers(trial, submission(post("own_fix", faders(drums=1.0), revision=2), step="fix"))


def test_distances_to_each_advice_are_stored_with_the_fix(trial: Trial) -> None:
    advised = trial.advice_a.changes or {}
    store_answers(trial, submission(post("own_fix", faders(**advised)), step="fix"))
    found = Answer.objects.get(step="own_fix").context["own_fix_distance_db"]
    assert found["A"] == 0.0
    assert found["B"] == pytest.approx(distance_db(advised, trial.advice_b.changes or {}, STEMS), abs=1e-4)


def test_a_whole_session_is_played(study: Study) -> None:
    session = play_session(study)
    fixes = Answer.objects.filter(step="own_fix")
    assert fixes.count() == session.trials > 0
    assert all(set(read_faders(fix.value, STEMS)) == set(STEMS) for fix in fixes)
