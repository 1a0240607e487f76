"""Twelve listeners who always choose the right-hand advice: the habit shows, and no system wins by it."""

from __future__ import annotations

import pytest

from studyweb.stats.codes import preference_for_first
from studyweb.trials.scripted import Question
from studyweb.trials.selectors import current_answers
from tests.factories import make_study, play_session

PAIR = ["differential", "baseline"]


def always_right(question: Question) -> str | None:
    if question.options[:1] == ("a_clearly",):
        return "b_clearly"
    return question.options[0] if question.options else None


@pytest.mark.django_db
def test_a_habit_of_choosing_the_right_hand_side_favours_no_system() -> None:
    design = {"trials": [{"pair": PAIR, "count": 4}], "repeats": 0, "checks": [], "practice": 0}
    study = make_study(audio=False, items=6, design=design)
    for _ in range(12):
        play_session(study, rule=always_right)
    answers = current_answers(study).filter(step="final_choice").select_related("trial__advice_a__system")
    in_a = [answer.trial.advice_a.system.key == PAIR[0] for answer in answers]
    pairs = zip(answers, in_a, strict=True)
    preferences = [preference_for_first(answer.value, first_is_a=first) for answer, first in pairs]
    assert len(preferences) == 48
    assert {answer.value for answer in answers} == {"b_clearly"}
    assert sum(in_a) == 24
    assert sum(preferences) == 0
    assert all({"position", "advice_sha256"} <= set(answer.context) for answer in answers)
