"""The questions of a trial by design, criteria set and draw."""

from __future__ import annotations

from typing import Any

import pytest

from studyweb.stats.codes import CHOICES, KEEP, NO_PREFERENCE_REASONS, RATINGS
from studyweb.trials.criteria import CHOICE_OPTIONS, CRITERIA, KEEP_OPTIONS, RATING_OPTIONS, REASON_OPTIONS
from studyweb.trials.questions import Asked, find_question, is_shown, missing_in, steps_of_trial
from tests.factories import PLAN

EVERYTHING, NOTHING = Asked(True, True, True), Asked(False, False, False)


def steps(asked: Asked = EVERYTHING, *, heard: bool = True, guess: bool = False, **design: Any) -> dict[str, list[str]]:
    built = steps_of_trial({**PLAN["design"], **design}, asked, can_be_heard=heard, with_guess=guess)
    return {step["name"]: [question["name"] for question in step["questions"]] for step in built}


def test_the_default_set_asks_in_the_order_of_the_design() -> None:
    assert steps() == {
        "read": ["first_choice", "describes.A", "describes.B", "tells.A", "tells.B"],
        "hear": [
            *("final_choice", "no_preference_reason", "keep.A", "keep.B"),
            *("improves.A", "improves.B", "want.A", "want.B", "comment"),
        ],
    }


def test_parts_that_were_not_drawn_are_not_asked_and_the_reading_step_stays() -> None:
    hear = ["final_choice", "no_preference_reason", "keep.A", "keep.B", "comment"]
    assert steps(NOTHING) == {"read": [], "hear": hear}


def test_what_cannot_be_heard_is_not_asked_about() -> None:
    assert steps(heard=False)["hear"] == ["final_choice", "no_preference_reason", "comment"]


def test_a_study_that_is_only_read_asks_the_final_choice_while_reading() -> None:
    asked = steps(Asked(True, False, True), steps=["read"])
    assert asked == {"read": ["final_choice", "no_preference_reason", "comment"]}


def test_the_blinding_question_comes_last_on_a_step_of_its_own() -> None:
    assert list(steps(guess=True).items())[-1] == ("guess", ["heard_more"])


@pytest.mark.parametrize("criteria", list(CRITERIA))
def test_every_criteria_set_asks_a_final_choice_and_its_scales_for_both_slots(criteria: str) -> None:
    asked = [name for names in steps(criteria=criteria).values() for name in names]
    scales = [criterion.name for criterion in (*CRITERIA[criteria].read, *CRITERIA[criteria].hear)]
    assert "final_choice" in asked
    assert all(f"{name}.{slot}" in asked for name in scales for slot in "AB")


def test_stored_values_are_the_codes_that_statistics_know() -> None:
    assert tuple(value for value, _ in CHOICE_OPTIONS) == CHOICES
    assert tuple(value for value, _ in REASON_OPTIONS) == NO_PREFERENCE_REASONS
    assert tuple(value for value, _ in KEEP_OPTIONS) == KEEP
    assert tuple(value for value, _ in RATING_OPTIONS) == RATINGS


def test_the_reason_is_asked_only_without_a_preference() -> None:
    built = steps_of_trial(PLAN["design"], EVERYTHING, can_be_heard=True, with_guess=False)
    found = find_question(built, "no_preference_reason")
    assert found is not None
    assert is_shown(found[1], {"final_choice": "no_preference"})
    assert not is_shown(found[1], {"final_choice": "a_clearly"})


def test_optional_questions_never_hold_a_step_up() -> None:
    hear = steps_of_trial(PLAN["design"], NOTHING, can_be_heard=True, with_guess=False)[1]
    answers = {"final_choice": "a_clearly", "keep.A": "yes", "keep.B": "no"}
    assert missing_in(hear, answers) == []
    assert missing_in(hear, {**answers, "final_choice": "no_preference"}) == ["no_preference_reason"]
