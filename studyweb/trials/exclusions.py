"""Declared exclusions: which participants a study file's rules leave out of the results, and why.

Rules are data in the frozen file. Nobody is dropped silently: every exclusion has a reason, is counted on the results
page and listed in every export; the answers themselves stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Study
from studyweb.studies.plan import IDENTICAL_GAINS
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.selectors import current_answers


@dataclass(frozen=True)
class Exclusion:
    """One participant left out by one declared rule."""

    participant: Participant
    rule: str
    reason: str


def exclusions_of(study: Study) -> tuple[Exclusion, ...]:
    """Everybody whom the study file's rules exclude, by rule; empty when it declares none.

    Raises ValueError for a rule this version does not know.
    """
    found: list[Exclusion] = []
    for declared in study.plan.get("exclusions", []):
        if declared["rule"] != "failed_checks":
            raise ValueError(f"unknown exclusion rule {declared['rule']!r}")
        found.extend(failed_checks(study, at_least=int(declared["at_least"])))
    return tuple(found)


def failed_checks(study: Study, *, at_least: int) -> Iterator[Exclusion]:
    """Everybody who failed that many checks, whether or not a rule leaves them out."""
    failures: dict[Participant, list[str]] = {}
    for answer in _check_answers(study):
        if is_failed_check(answer):
            failures.setdefault(answer.participant, []).append(
                f"trial {answer.trial.position} ({answer.trial.check_kind})"
            )
    for participant, trials in failures.items():
        if len(trials) >= at_least:
            yield Exclusion(participant, "failed_checks", f"{len(trials)} failed: {', '.join(trials)}")


def _check_answers(study: Study) -> Iterator[Answer]:
    answers = current_answers(study).filter(step="final_choice", trial__role=Trial.Role.CHECK)
    return iter(
        answers.select_related("participant", "trial__advice_a__system", "trial__advice_b__system").order_by("id")
    )


def is_failed_check(answer: Answer) -> bool:
    """Whether a check's final choice fails it.

    A check has its better system first in the study file's pair, and fails when the other one was preferred; no
    preference never fails. With identical gains no side is better, so nothing can be failed.
    """
    trial = answer.trial
    if trial.check_kind == IDENTICAL_GAINS:
        return False
    better = _better_system(trial)
    return preference_for_first(answer.value, first_is_a=trial.advice_a.system.key == better) < 0


def _better_system(trial: Trial) -> str:
    kinds = {check["kind"]: check["pair"] for check in trial.participant.study.plan["design"]["checks"]}
    return str(kinds[trial.check_kind][0])
