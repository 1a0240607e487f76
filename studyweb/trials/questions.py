"""The questions of one trial: built from the study's design and what was drawn for this trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from studyweb.trials.criteria import CRITERIA, OPTIONS, PROMPTS, STEP_TITLES, Criterion

Question = dict[str, Any]
Step = dict[str, Any]
SLOTS = ("A", "B")
GUESS_STEP = "guess"


@dataclass(frozen=True)
class Asked:
    """Which optional parts a trial asks, drawn before the session began."""

    first_choice: bool
    scales: bool
    improvement: bool


def steps_of_trial(design: Mapping[str, Any], asked: Asked, *, can_be_heard: bool, with_guess: bool) -> list[Step]:
    """The trial's steps with their questions, in order, as stored with the trial.

    `design` is the study file's design; `can_be_heard` is false where an advice cannot be read, so that nothing about
    a heard change is asked; `with_guess` adds the question that tests blinding. A reading step may be left without
    questions: it is over once the participant goes on.
    """
    steps = [_step(name, _questions(name, design, asked, can_be_heard=can_be_heard)) for name in design["steps"]]
    if design["audition"]["mode"] == "own_fix":
        steps.insert(0, _step("fix", [_question("own_fix", kind="faders")]))
    if with_guess:
        steps.append(_step(GUESS_STEP, [_question("heard_more", kind="choice", options="guess")]))
    return steps


def _step(name: str, questions: Sequence[Question]) -> Step:
    return {"name": name, "title": STEP_TITLES[name], "questions": list(questions)}


def _questions(step: str, design: Mapping[str, Any], asked: Asked, *, can_be_heard: bool) -> list[Question]:
    if step == "read":
        return list(_read_questions(design, asked))
    return list(_hear_questions(design, asked, can_be_heard=can_be_heard))


def _read_questions(design: Mapping[str, Any], asked: Asked) -> Iterator[Question]:
    is_last = "hear" not in design["steps"]
    if asked.first_choice and not is_last:
        yield _question("first_choice", kind="choice")
    if asked.scales:
        yield from _scales(CRITERIA[design["criteria"]].read)
    if is_last:
        yield from _choice_questions(design, prompt=PROMPTS["final_choice_unheard"])
        yield from _comment(design)


def _hear_questions(design: Mapping[str, Any], asked: Asked, *, can_be_heard: bool) -> Iterator[Question]:
    yield from _choice_questions(design, prompt=PROMPTS["final_choice" if can_be_heard else "final_choice_unheard"])
    criteria = CRITERIA[design["criteria"]]
    if can_be_heard and criteria.ask_keep:
        for slot in SLOTS:
            yield _question(f"keep.{slot}", kind="keep", prompt=PROMPTS["keep"], slot=slot)
    if can_be_heard and asked.improvement:
        yield from _scales(criteria.hear)
    yield from _comment(design)


def _choice_questions(design: Mapping[str, Any], *, prompt: str) -> Iterator[Question]:
    yield _question("final_choice", kind="choice", prompt=prompt)
    reason = {"question": "final_choice", "value": "no_preference"}
    yield _question("no_preference_reason", kind="choice", options="reason", show_if=reason)
    if design["confidence"]:
        yield _question("confidence", kind="rating")


def _comment(design: Mapping[str, Any]) -> Iterator[Question]:
    if design["comment"]:
        yield _question("comment", kind="text", required=False)


def _scales(criteria: Sequence[Criterion]) -> Iterator[Question]:
    for criterion in criteria:
        for slot in SLOTS:
            yield _question(f"{criterion.name}.{slot}", kind="rating", prompt=criterion.statement, slot=slot)


def _question(
    name: str,
    *,
    kind: Literal["choice", "rating", "keep", "text", "faders"],
    prompt: str = "",
    options: str = "",
    slot: str | None = None,
    required: bool = True,
    show_if: dict[str, str] | None = None,
) -> Question:
    question: Question = {
        "name": name,
        "kind": kind,
        "prompt": prompt or PROMPTS[name],
        "options": [{"value": value, "label": label} for value, label in OPTIONS[options or kind]],
        "required": required,
        "show_if": show_if,
    }
    return {**question, "slot": slot} if slot else question


def find_question(steps: Sequence[Step], name: str) -> tuple[Step, Question] | None:
    """The step and the question of this name, or None."""
    for step in steps:
        for question in step["questions"]:
            if question["name"] == name:
                return step, question
    return None


def is_shown(question: Question, answers: Mapping[str, str]) -> bool:
    """Whether a question applies, given the values stored so far."""
    condition = question["show_if"]
    return condition is None or answers.get(condition["question"]) == condition["value"]


def missing_in(step: Step, answers: Mapping[str, str]) -> list[str]:
    """Names of the step's required questions that still lack an answer."""
    return [
        question["name"]
        for question in step["questions"]
        if question["required"] and is_shown(question, answers) and question["name"] not in answers
    ]
