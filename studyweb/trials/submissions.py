"""What a browser posts as answers, read and checked: all problems at once, nothing stored while there is one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studyweb.trials.models import Answer, Trial
from studyweb.trials.own_fix import BadFadersError, read_faders, stems_of
from studyweb.trials.plain_data import clean_data, clean_text
from studyweb.trials.questions import Question, find_question, is_shown

MAX_ANSWERS = 50
MAX_REVISION = 1000


class BadSubmissionError(ValueError):
    """What was posted cannot be read; `problems` says everything that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Submitted:
    """One answer as posted."""

    client_uuid: uuid.UUID
    step: str
    """The question's name."""
    revision: int
    value: str


@dataclass(frozen=True)
class Submission:
    """One post: answers, and what the page was like when they were given."""

    answers: tuple[Submitted, ...]
    context: dict[str, Any]

    @property
    def page_step(self) -> str:
        """The step of the page that was left by this post, if it says so."""
        return str(self.context.get("step", ""))


def read_submission(data: Any) -> Submission:
    """The post as plain values. Raises BadSubmissionError with every problem."""
    if not isinstance(data, Mapping) or not isinstance(data.get("answers"), list):
        raise BadSubmissionError(['expected {"answers": [...], "context": {...}}'])
    if len(data["answers"]) > MAX_ANSWERS:
        raise BadSubmissionError([f"at most {MAX_ANSWERS} answers in one post, not {len(data['answers'])}"])
    problems: list[str] = []
    answers = [_read_answer(entry, f"answers[{index}]", problems) for index, entry in enumerate(data["answers"])]
    context = data.get("context", {})
    if not isinstance(context, Mapping):
        problems.append("context: must be an object")
    readable = tuple(answer for answer in answers if answer is not None)
    if len({answer.client_uuid for answer in readable}) < len(readable):
        problems.append("answers: the same client_uuid twice")
    if problems:
        raise BadSubmissionError(problems)
    return Submission(readable, clean_data(context))


def _read_answer(entry: Any, where: str, problems: list[str]) -> Submitted | None:
    if not isinstance(entry, Mapping):
        problems.append(f"{where}: must be an object")
        return None
    before = len(problems)
    client_uuid = _read_uuid(entry.get("client_uuid"))
    if client_uuid is None:
        problems.append(f"{where}.client_uuid: must be a UUID")
    step, value, revision = entry.get("step"), entry.get("value"), entry.get("revision")
    if not isinstance(step, str) or not step:
        problems.append(f"{where}.step: must be the name of a question")
    if not isinstance(value, str):
        problems.append(f"{where}.value: must be text")
    if not isinstance(revision, int) or isinstance(revision, bool) or not 1 <= revision <= MAX_REVISION:
        problems.append(f"{where}.revision: must be a whole number from 1 to {MAX_REVISION}")
    if len(problems) > before or client_uuid is None:
        return None
    return Submitted(client_uuid, str(step), int(revision or 1), clean_text(str(value)))


def _read_uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def check_against_trial(submission: Submission, trial: Trial, stored: Mapping[str, str]) -> None:
    """Raise BadSubmissionError for unknown questions and values, and for questions that were not shown.

    `stored` holds the values stored so far; this post's own count as well.
    """
    merged = {**stored, **{answer.step: answer.value for answer in submission.answers}}
    problems = []
    for answer in submission.answers:
        found = find_question(trial.steps, answer.step)
        problem = "this trial does not ask it" if found is None else _wrong(found[1], answer.value, merged, trial)
        if problem:
            problems.append(f"{answer.step}: {problem}")
    if problems:
        raise BadSubmissionError(problems)


def _wrong(question: Question, value: str, merged: Mapping[str, str], trial: Trial) -> str:
    """What is wrong with a value, or nothing."""
    if question["kind"] != Answer.Kind.FADERS:
        return _wrong_value(question, value, merged)
    try:
        read_faders(value, stems_of(trial.item))
    except BadFadersError as error:
        return str(error)
    return ""


def _wrong_value(question: Question, value: str, merged: Mapping[str, str]) -> str:
    if not is_shown(question, merged):
        condition = question["show_if"]
        return f"asked only when {condition['question']} is {condition['value']}"
    if question["kind"] == Answer.Kind.TEXT:
        return ""
    allowed = [option["value"] for option in question["options"]]
    return "" if value in allowed else f"must be one of {', '.join(allowed)}, not {value[:40]!r}"
