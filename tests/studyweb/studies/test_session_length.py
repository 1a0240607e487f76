"""The promised minutes come from the study file."""

from __future__ import annotations

from typing import Any

import pytest

from studyweb.studies.session_length import planned_minutes, planned_trials, whole_minutes
from tests.factories import make_study

pytestmark = pytest.mark.django_db


def minutes(**design: Any) -> int:
    return planned_minutes(make_study(audio=False, items=1, extra_items=0, design=design).plan)


def test_the_default_session_takes_under_half_an_hour() -> None:
    trials = [{"pair": ["differential", "baseline"], "count": 8}]
    assert 15 <= minutes(trials=trials) <= 30


def test_more_trials_and_more_questions_take_longer_and_reading_alone_is_shorter() -> None:
    usual = minutes()
    assert minutes(trials=[{"pair": ["differential", "baseline"], "count": 12}]) > usual
    assert minutes(ask_scales_share=1.0, ask_improvement_share=1.0) > usual
    assert minutes(audition={"mode": "text_only", "solo": True, "gate_seconds": 0}, steps=["read"]) < usual


def test_every_kind_of_trial_is_counted() -> None:
    assert planned_trials(make_study(audio=False, items=1, extra_items=0).plan) == 6 + 1 + 1 + 1


@pytest.mark.parametrize(("seconds", "minutes"), [(60.0, 1), (60.0 + 1e-9, 1), (60.4, 1), (61.0, 2), (0.0, 0)])
def test_a_fraction_of_a_second_is_no_further_minute(seconds: float, minutes: int) -> None:
    assert whole_minutes(seconds) == minutes
