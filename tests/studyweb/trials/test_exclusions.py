"""Declared exclusions: who failed which check, and that nobody else is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from studyweb.studies.models import Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Trial
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import Choose, clear_choice, slot_of, small_study, somebody

pytestmark = pytest.mark.django_db

CHECK = {"kind": "oracle_against_nothing", "pair": ["oracle", "nothing"], "count": 1}


def study(*, at_least: int = 1, checks: int = 1) -> Study:
    return small_study(
        items=6,
        extra_items=checks + 1,
        design={"checks": [{**CHECK, "count": checks}]},
        exclusions=[{"rule": "failed_checks", "at_least": at_least}],
    )


def on_checks(*choices: str) -> Choose:
    """Final choices on the checks in their order: `better`, `worse` or a code."""

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role != Trial.Role.CHECK or question["name"] != "final_choice":
            return clear_choice(trial, question)
        before = trial.participant.trials.filter(role=Trial.Role.CHECK, position__lt=trial.position).count()
        better = slot_of(trial).lower()
        sides = {"better": f"{better}_slightly", "worse": f"{'b' if better == 'a' else 'a'}_slightly"}
        return sides.get(choices[before], choices[before])

    return choose


def test_who_prefers_the_worse_advice_in_a_check_is_excluded_with_the_reason() -> None:
    made = study()
    failed = somebody(made, on_checks("worse"))
    somebody(made, on_checks("better"))
    found = exclusions_of(made)
    position = failed.trials.get(role=Trial.Role.CHECK).position
    assert [(each.participant, each.rule) for each in found] == [(failed, "failed_checks")]
    assert found[0].reason == f"1 failed: trial {position} (oracle_against_nothing)"


def test_no_preference_fails_no_check() -> None:
    made = study()
    somebody(made, on_checks("no_preference"))
    assert exclusions_of(made) == ()


def test_as_many_checks_as_declared_have_to_fail() -> None:
    made = study(at_least=2, checks=2)
    somebody(made, on_checks("worse", "better"))
    twice = somebody(made, on_checks("worse", "worse"))
    assert [each.participant for each in exclusions_of(made)] == [twice]


def test_without_a_declared_rule_nobody_is_excluded() -> None:
    made = small_study()
    somebody(made, on_checks("worse"))
    assert exclusions_of(made) == ()


def test_a_wrong_scored_choice_is_no_failed_check() -> None:
    made = study()

    def always_worse(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role == Trial.Role.SCORED and question["name"] == "final_choice":
            return f"{'b' if slot_of(trial) == 'A' else 'a'}_clearly"
        return clear_choice(trial, question)

    somebody(made, always_worse)
    assert exclusions_of(made) == ()


def test_withdrawn_and_test_people_are_not_listed() -> None:
    made = study()
    withdraw_and_erase(somebody(made, on_checks("worse")))
    somebody(made, on_checks("worse"), is_test=True)
    assert exclusions_of(made) == ()


def test_a_rule_this_version_does_not_know_raises() -> None:
    made = small_study(exclusions=[{"rule": "too_fast", "at_least": 1}])
    with pytest.raises(ValueError, match="too_fast"):
        exclusions_of(made)
