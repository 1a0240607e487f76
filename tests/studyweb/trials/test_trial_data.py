"""What the trial page receives, and when."""

from __future__ import annotations

from typing import Any

import pytest

from studyweb.trials.answers import store_answers
from studyweb.trials.models import Trial
from studyweb.trials.trial_data import conditions_of, trial_data
from tests.factories import make_study, read_answers, submission, take_part

pytestmark = pytest.mark.django_db


def first_trial(**options: Any) -> Trial:
    study = make_study(audio=False, items=6, design={"practice": 0, **options.pop("design", {})}, **options)
    return take_part(study, trials=0).trials.order_by("position")[0]


def reload(trial: Trial) -> Trial:
    return Trial.objects.select_related("participant__study", "item", "advice_a", "advice_b").get(pk=trial.pk)


def test_gains_are_served_only_after_the_reading_step() -> None:
    trial = first_trial()
    assert trial_data(reload(trial))["conditions"] is None
    store_answers(trial, submission(*read_answers(trial), step="read"))
    conditions = trial_data(reload(trial))["conditions"]
    assert set(conditions) == {"problem", "A", "B"}
    nothing = dict.fromkeys(("drums", "bass", "other", "vocals"), 0.0)
    assert conditions["problem"] == {"gains_db": nothing, "trim_db": 0.0}
    for slot, advice in (("A", trial.advice_a), ("B", trial.advice_b)):
        expected = {**nothing, **advice.changes}
        assert conditions[slot] == {"readable": True, "gains_db": expected, "trim_db": advice.trim_db}


@pytest.mark.parametrize(("mode", "steps"), [("heard_only", ["hear"]), ("read_then_heard", ["hear"])])
def test_without_a_reading_step_gains_are_there_from_the_start(mode: str, steps: list[str]) -> None:
    trial = first_trial(design={"steps": steps, "audition": {"mode": mode, "solo": True, "gate_seconds": 3}})
    data = trial_data(reload(trial))
    assert data["conditions"] is not None
    assert (data["texts"] is None) == (mode == "heard_only")


def test_a_study_that_is_read_only_never_serves_gains() -> None:
    design = {"steps": ["read"], "audition": {"mode": "text_only", "solo": True, "gate_seconds": 0}}
    trial = first_trial(design=design)
    store_answers(trial, submission(*read_answers(trial), step="read"))
    assert conditions_of(reload(trial)) is None


def test_where_one_advice_cannot_be_read_neither_is_heard() -> None:
    trial = first_trial()
    type(trial.advice_a).objects.filter(pk=trial.advice_a_id).update(changes=None)
    store_answers(trial, submission(*read_answers(trial), step="read"))
    conditions = conditions_of(reload(trial))
    assert conditions is not None
    assert conditions["A"] == conditions["B"] == {"readable": False}


def test_the_texts_stand_in_their_slots() -> None:
    trial = first_trial()
    assert trial_data(reload(trial))["texts"] == {"A": trial.advice_a.text, "B": trial.advice_b.text}


def test_stems_carry_opaque_addresses_and_the_next_trials_are_prefetched() -> None:
    trial = first_trial()
    data = trial_data(reload(trial))
    following = trial.participant.trials.get(position=2)
    assert [stem["label"] for stem in data["audio"]["stems"]] == ["drums", "bass", "other instruments", "vocals"]
    assert data["prefetch"] == [f"/t/audio/{stem.public_id}" for stem in following.item.stems.all()]
    assert {len(stem["url"]) for stem in data["audio"]["stems"]} == {len("/t/audio/") + 14}


def test_practice_is_counted_apart() -> None:
    study = make_study(audio=False, items=6)
    practice, first, *_rest = take_part(study, trials=0).trials.order_by("position")
    numbers = [
        (data["number"], data["of"], data["practice"])
        for data in (trial_data(reload(practice)), trial_data(reload(first)))
    ]
    assert numbers == [(1, 1, True), (1, 8, False)]


def test_minutes_left_fall_to_those_of_the_last_trial() -> None:
    trials = list(first_trial().participant.trials.order_by("position"))
    first, last = trial_data(reload(trials[0]))["minutes_left"], trial_data(reload(trials[-1]))["minutes_left"]
    assert first > 3 * last > 0
