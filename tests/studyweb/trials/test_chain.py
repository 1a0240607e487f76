"""The hash chain: every tampering shows, erasing does not break it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from studyweb.trials.chain import commitment_of, verify_chain
from studyweb.trials.models import Answer, Participant
from studyweb.trials.your_data import withdraw_and_erase
from tests.factories import make_study, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant(db: None) -> Participant:
    return take_part(make_study(audio=False, items=6), trials=2)


def change_value(answer: Answer) -> None:
    Answer.objects.filter(pk=answer.pk).update(value="b_clearly" if answer.value != "b_clearly" else "a_clearly")


def change_context(answer: Answer) -> None:
    Answer.objects.filter(pk=answer.pk).update(context={**answer.context, "gate_met": "no"})


def change_question(answer: Answer) -> None:
    Answer.objects.filter(pk=answer.pk).update(step="keep.Z")


def change_with_new_commitment(answer: Answer) -> None:
    answer.value = "changed"
    answer.commitment = commitment_of(answer)
    answer.save()


def delete(answer: Answer) -> None:
    Answer.objects.filter(pk=answer.pk).delete()


def erase_one(answer: Answer) -> None:
    Answer.objects.filter(pk=answer.pk).update(value="", context={}, salt="")


def test_an_untouched_chain_verifies(participant: Participant) -> None:
    assert participant.answers.count() > 5
    assert verify_chain(participant) == []


@pytest.mark.parametrize(
    "tamper", [change_value, change_context, change_question, change_with_new_commitment, delete, erase_one]
)
@pytest.mark.parametrize("place", ["first", "last"])
def test_any_tampering_breaks_it(participant: Participant, tamper: Callable[[Answer], None], place: str) -> None:
    answers = list(participant.answers.order_by("id"))
    tamper(answers[0] if place == "first" else answers[-1])
    assert verify_chain(participant) != []


def test_swapping_two_answers_breaks_it(participant: Participant) -> None:
    one, other = participant.answers.order_by("id")[:2]
    for answer, hashes in ((one, other), (other, one)):
        Answer.objects.filter(pk=answer.pk).update(hash=hashes.hash, previous_hash=hashes.previous_hash)
    assert verify_chain(participant) != []


def test_after_withdrawal_the_chain_holds_without_content(participant: Participant) -> None:
    hashes = list(participant.answers.values_list("hash", flat=True))
    withdraw_and_erase(participant)
    assert verify_chain(participant) == []
    assert list(participant.answers.values_list("hash", flat=True)) == hashes
    assert set(participant.answers.values_list("value", "salt")) == {("", "")}
