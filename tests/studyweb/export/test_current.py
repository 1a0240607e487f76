"""Current revisions, also while a running study is corrected."""

from __future__ import annotations

import pytest
from django.db.models import Q

from studyweb.export.current import Corrected, corrected_answers, current_rows
from studyweb.trials.answers import store_answers
from studyweb.trials.models import Participant
from tests.factories import make_study, post, read_answers, submission, take_part

pytestmark = pytest.mark.django_db


def correct_first_choice(person: Participant, value: str) -> None:
    """The reading step is not over, so its answer may still be changed."""
    store_answers(person.trials.get(position=1), submission(post("first_choice", value, revision=2)))


def first_choices(person: Participant, corrected: Corrected) -> list[tuple[int, str]]:
    rows = current_rows([person.pk], Q(step="first_choice"), "value", corrected=corrected)
    return [(revision, value) for _trial, _step, revision, value in rows]


@pytest.mark.parametrize("is_known", [True, False])
def test_of_a_corrected_answer_only_the_newest_revision_is_current(is_known: bool) -> None:
    study = make_study(audio=False, items=6)
    person = take_part(study, trials=0)
    store_answers(person.trials.get(position=1), submission(*read_answers(person.trials.get(position=1))[:1]))
    before = corrected_answers(study)
    correct_first_choice(person, "b_clearly")
    corrected = corrected_answers(study) if is_known else before
    assert bool(corrected) == is_known
    assert first_choices(person, corrected) == [(2, "b_clearly")]
