"""What a study file may say about the criteria and about equivalence."""

from __future__ import annotations

import pytest

from studyweb.studies.lint import errors_of, lint_study_file
from studyweb.studies.problems import StudyFileError
from studyweb.studies.study_file import StudyFile, read_study_file
from tests.studyweb.studies.example import changed

PRIMARY = "analysis:\n  primary: {pair: [oracle, engineer]}"


def with_line(line: str) -> StudyFile:
    return read_study_file(changed(PRIMARY, f"{PRIMARY}\n  {line}"))


def test_a_criterion_that_is_asked_may_be_primary() -> None:
    assert errors_of(lint_study_file(with_line("primary_criterion: want"))) == []


def test_a_criterion_of_another_set_is_refused_with_those_there_are() -> None:
    (problem,) = errors_of(lint_study_file(with_line("primary_criterion: fluency")))
    assert "its criteria are describes, tells, improves, want" in problem.message


def test_a_margin_is_part_of_the_plan_only_where_it_is_written() -> None:
    assert with_line("equivalence_margin: 0.05").plan["analysis"]["equivalence_margin"] == 0.05
    assert "equivalence_margin" not in read_study_file(changed(PRIMARY, PRIMARY)).plan["analysis"]


@pytest.mark.parametrize("margin", ["0", "0.5", "half"])
def test_a_margin_that_means_nothing_is_refused_with_its_line(margin: str) -> None:
    with pytest.raises(StudyFileError) as caught:
        with_line(f"equivalence_margin: {margin}")
    assert [problem.path for problem in caught.value.problems] == ["analysis.equivalence_margin"]
