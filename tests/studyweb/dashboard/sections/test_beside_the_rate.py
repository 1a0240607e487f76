"""Sections beside the primary rate: without some answers, all systems on one scale, looks, excluded people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from studyweb.dashboard.peeks import LOOKED
from studyweb.dashboard.results import pair_data_of
from studyweb.dashboard.sections.flow import flow_section
from studyweb.dashboard.sections.looks import looks_section
from studyweb.dashboard.sections.primary import primary_sections
from studyweb.dashboard.sections.ranking import ranking_section
from studyweb.dashboard.sections.sensitivity import sensitivity_section
from studyweb.studies.log import log_action
from studyweb.trials.models import Trial
from tests.factories import SYSTEMS
from tests.studyweb.answering import clear_choice, slot_of, small_study, somebody, unblinded, with_answers
from tests.studyweb.export.unpacking import mixed_minds

pytestmark = pytest.mark.django_db

ALONE = {**SYSTEMS[0], "key": "differential_alone", "label": "Alone", "reference_kind": "none", "shown": "stems"}


def fails_the_check(trial: Trial, question: Mapping[str, Any]) -> str | None:
    if trial.role == Trial.Role.CHECK and question["name"] == "final_choice":
        return {"A": "b_slightly", "B": "a_slightly"}[slot_of(trial)]
    return clear_choice(trial, question)


def test_the_rate_without_people_who_failed_a_check_or_stopped_early() -> None:
    study = small_study()
    somebody(study)
    somebody(study, fails_the_check)
    somebody(study, with_answers(final_choice="no_preference"), trials=3)
    section = sensitivity_section(pair_data_of(unblinded(study))[0])
    left_out = {row[0]: int(row[1]) for row in section.rows}
    assert left_out["people who failed a check"] == 4
    stopped = Trial.objects.filter(participant__completed_at=None, role="scored", completed_at__isnull=False).count()
    assert left_out["people who did not finish"] == left_out["ties"] == stopped > 0
    assert section.numbers["without.ties"] == 1.0


def test_nothing_to_leave_out_is_said() -> None:
    section = sensitivity_section(pair_data_of(unblinded(small_study()))[0])
    assert section.sentence == "Nothing to leave out: no answers yet."
    assert section.figure is None


def test_two_systems_are_not_ranked_and_three_are() -> None:
    assert ranking_section(pair_data_of(unblinded(small_study()))) is None
    pairs = [
        {"pair": ["differential", "baseline"], "count": 2},
        {"pair": ["differential_alone", "baseline"], "count": 2},
    ]
    study = small_study(systems=(*SYSTEMS, ALONE), design={"trials": pairs})
    somebody(study)
    alike = ranking_section(pair_data_of(unblinded(study)))
    assert alike is not None
    assert "cannot be put on one scale" in alike.sentence
    study = small_study(items=8, systems=(*SYSTEMS, ALONE), design={"trials": pairs})
    for number in range(12):
        somebody(study, mixed_minds(number))
    ranked = ranking_section(pair_data_of(unblinded(study)))
    assert ranked is not None
    assert {"strength.differential", "strength.baseline", "strength.differential_alone"} == set(ranked.numbers)
    assert ranked.figure is not None


def test_looks_are_shown_where_the_file_declares_them_or_somebody_looked() -> None:
    study = small_study()
    assert looks_section(unblinded(study)) is None
    log_action(study, actor="curious", action=LOOKED, detail={"participants": 3})
    section = looks_section(study)
    assert section is not None
    assert "declares no method" in section.sentence


def test_excluded_people_are_in_the_flow_and_in_the_forest() -> None:
    study = small_study(exclusions=[{"rule": "failed_checks", "at_least": 1}])
    somebody(study)
    excluded = somebody(study, fails_the_check)
    pairs = pair_data_of(unblinded(study))
    flow = flow_section(study, pairs)
    assert dict(flow.rows)["excluded by the declared rule failed_checks"] == "1"
    assert dict(flow.rows)["Analysed for the primary pair"] == "1"
    assert any(excluded.public_id in note for note in flow.notes)
    rows = {row[0]: row for row in primary_sections(pairs[0])[0].rows}
    assert rows["with excluded participants"][3] == "8"
