"""Storing answers: acknowledged after commit, never lost, never doubled, corrections as revisions.

The same client uuid with the same content gets the first receipt again. Anything else that does not follow what is
stored is a conflict, told together with what is stored; then nothing of that post is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from studyweb.trials.chain import link_answer
from studyweb.trials.context import fix_context, server_context
from studyweb.trials.locks import lock_participant, state_held_open
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.own_fix import FIX_STEP
from studyweb.trials.questions import find_question, missing_in
from studyweb.trials.session import require_open
from studyweb.trials.submissions import BadSubmissionError, Submission, Submitted, check_against_trial

DONE = "done"
READ = "read"


class WithdrawnError(ValueError):
    """Somebody withdrew meanwhile: their answers are erased, and no more are taken."""


class AnswerConflictError(ValueError):
    """An answer does not follow what is stored; `steps` names the questions."""

    def __init__(self, message: str, steps: list[str]) -> None:
        super().__init__(message)
        self.steps = steps


@dataclass(frozen=True)
class Receipt:
    """The acknowledgement of one stored answer."""

    client_uuid: uuid.UUID
    step: str
    revision: int
    hash: str


@dataclass(frozen=True)
class Stored:
    """What a post led to."""

    receipts: tuple[Receipt, ...]
    trial: Trial
    current_step: str


def store_answers(trial: Trial, submission: Submission) -> Stored:
    """Store a post of one participant's trial, all or nothing, and move the trial on.

    Raises BadSubmissionError, AnswerConflictError, WithdrawnError, and StudyNotOpenError when the study has closed.
    """
    with transaction.atomic():
        participant = lock_participant(trial.participant_id)
        trial = _trial_now(trial)
        current = current_revisions(trial)
        known = {answer.client_uuid: answer for answer in _known_answers(submission)}
        fresh = [answer for answer in submission.answers if answer.client_uuid not in known]
        receipts = {
            answer.client_uuid: _receipt_again(known[answer.client_uuid], answer, trial)
            for answer in submission.answers
            if answer.client_uuid in known
        }
        if fresh or (submission.page_step == READ and trial.read_at is None):
            appended = _store_fresh(participant, trial, submission, fresh, current)
            receipts |= {answer.client_uuid: _receipt(answer) for answer in appended}
    ordered = tuple(receipts[answer.client_uuid] for answer in submission.answers)
    return Stored(ordered, trial, current_step(trial, values_of(current)))


def _trial_now(trial: Trial) -> Trial:
    """The trial as it is under the lock."""
    return Trial.objects.select_related("participant__study", "item", "advice_a", "advice_b").get(pk=trial.pk)


def _store_fresh(
    participant: Participant,
    trial: Trial,
    submission: Submission,
    fresh: list[Submitted],
    current: dict[str, Answer],
) -> list[Answer]:
    """Store what is new of a post and move the trial on; `current` is brought up to date."""
    participant.study.state = state_held_open(participant.study_id)
    require_open(participant.study, is_test=participant.is_test)
    if participant.state == Participant.State.WITHDRAWN:
        raise WithdrawnError("this session was withdrawn; nothing more is stored of it")
    only_new = Submission(tuple(fresh), submission.context)
    check_against_trial(only_new, trial, values_of(current))
    _require_reading_over(only_new, trial)
    appended = []
    for answer in fresh:
        _require_follows(answer, trial, current)
        current[answer.step] = _append(participant, trial, answer, submission.context)
        appended.append(current[answer.step])
    participant.last_seen_at = timezone.now()
    participant.save(update_fields=["chain_head", "last_seen_at"])
    _move_on(trial, submission, values_of(current))
    return appended


def _require_reading_over(submission: Submission, trial: Trial) -> None:
    """Nothing after the reading step can be known before that is stored. Raises BadSubmissionError."""
    names = [step["name"] for step in trial.steps]
    if READ not in names or trial.read_at is not None:
        return
    later = [question["name"] for step in trial.steps[names.index(READ) + 1 :] for question in step["questions"]]
    early = [answer.step for answer in submission.answers if answer.step in later]
    if early:
        raise BadSubmissionError([f"{name}: first the reading step has to be stored" for name in early])


def _require_follows(answer: Submitted, trial: Trial, current: Mapping[str, Answer]) -> None:
    stored = current.get(answer.step)
    expected = stored.revision + 1 if stored else 1
    if answer.revision != expected:
        said = f"revision {stored.revision} is stored" if stored else "nothing is stored yet"
        message = f"{answer.step}: {said}, so the next is {expected}, not {answer.revision}"
        raise AnswerConflictError(message, [answer.step])
    if is_locked(answer.step, trial, current):
        raise AnswerConflictError(f"{answer.step}: this step is over, its answers stay as they are", [answer.step])


def is_locked(question: str, trial: Trial, current: Mapping[str, Answer]) -> bool:
    """Whether an answer can no longer be given or corrected: the session is completed, or a later step has begun.

    What was chosen before hearing must not change after it, nor any answer after the blinding question's; and the own
    fix stands once it is stored, because the texts can be read from then on.
    """
    if trial.participant.state != Participant.State.CONSENTED:
        return True
    names = [step["name"] for step in trial.steps]
    found = find_question(trial.steps, question)
    assert found is not None, "checked against the trial before"
    at = names.index(found[0]["name"])
    later = [entry["name"] for step in trial.steps[at + 1 :] for entry in step["questions"]]
    if found[0]["name"] == FIX_STEP and question in current:
        return True
    left_reading = found[0]["name"] == READ and trial.read_at is not None and len(names) > at + 1
    return left_reading or any(name in current for name in later)


def _append(participant: Participant, trial: Trial, submitted: Submitted, context: Mapping[str, Any]) -> Answer:
    found = find_question(trial.steps, submitted.step)
    assert found is not None, "checked against the trial before"
    answer = Answer(
        participant=participant,
        trial=trial,
        client_uuid=submitted.client_uuid,
        step=submitted.step,
        slot=found[1].get("slot", ""),
        kind=found[1]["kind"],
        revision=submitted.revision,
        value=submitted.value,
        context={**context, **server_context(trial), **fix_context(trial, submitted.step, submitted.value)},
        received_at=timezone.now(),
    )
    link_answer(answer, participant, trial_public_id=trial.public_id)
    answer.save(force_insert=True)
    return answer


def _move_on(trial: Trial, submission: Submission, values: Mapping[str, str]) -> None:
    """Note the end of reading and of the trial, each once."""
    now = timezone.now()
    has_reading = any(step["name"] == READ for step in trial.steps)
    if has_reading and trial.read_at is None and _is_reading_over(trial, submission, values):
        trial.read_at = now
    if trial.completed_at is None and current_step(trial, values) == DONE:
        trial.completed_at = now
    trial.save(update_fields=["read_at", "completed_at"])


def _is_reading_over(trial: Trial, submission: Submission, values: Mapping[str, str]) -> bool:
    """Every required question up to its end is answered; where it asks none, the participant has gone on."""
    at = next(index for index, step in enumerate(trial.steps) if step["name"] == READ)
    if any(missing_in(step, values) for step in trial.steps[: at + 1]):
        return False
    reading = trial.steps[at]
    has_required = any(question["required"] for question in reading["questions"])
    return has_required or submission.page_step == READ


def current_step(trial: Trial, values: Mapping[str, str]) -> str:
    """The first step that is not over, or "done"."""
    for step in trial.steps:
        is_over = trial.read_at is not None if step["name"] == READ else not missing_in(step, values)
        if not is_over:
            return str(step["name"])
    return DONE


def current_revisions(trial: Trial) -> dict[str, Answer]:
    """{question: its newest answer} of one trial."""
    return {answer.step: answer for answer in trial.answers.order_by("revision")}


def values_of(current: Mapping[str, Answer]) -> dict[str, str]:
    """{question: value} of answers."""
    return {step: answer.value for step, answer in current.items()}


def _known_answers(submission: Submission) -> QuerySet[Answer]:
    return Answer.objects.filter(client_uuid__in=[answer.client_uuid for answer in submission.answers])


def _receipt_again(known: Answer, answer: Submitted, trial: Trial) -> Receipt:
    same = (known.trial_id, known.step, known.revision, known.value)
    if same != (trial.pk, answer.step, answer.revision, answer.value):
        raise AnswerConflictError(f"{answer.step}: this answer's id is taken by another answer", [answer.step])
    return _receipt(known)


def _receipt(answer: Answer) -> Receipt:
    return Receipt(answer.client_uuid, answer.step, answer.revision, answer.hash)
