"""A study file may declare looks only where they are valid."""

from __future__ import annotations

import pytest

from studyweb.stats.sequential import METHODS, NO_LOOKS
from studyweb.studies.lint import errors_of, lint_study_file
from studyweb.studies.problems import StudyFileError
from studyweb.studies.study_file import load_schema, read_study_file
from tests.studyweb.studies.example import changed

PRIMARY = "analysis:\n  primary: {pair: [oracle, engineer]"


def errors(analysis: str) -> list[str]:
    text = changed(f"{PRIMARY}}}", f"{PRIMARY}{analysis}")
    return [problem.message for problem in errors_of(lint_study_file(read_study_file(text)))]


def test_the_schema_offers_every_method_there_is() -> None:
    analysis = load_schema()["properties"]["analysis"]["properties"]
    assert analysis["sequential"]["enum"] == [NO_LOOKS, *METHODS]


@pytest.mark.parametrize("method", METHODS)
def test_looks_at_these_tracks_are_fine(method: str) -> None:
    assert errors(f", estimand: new_participants}}\n  sequential: {method}") == []


def test_looks_about_other_tracks_are_refused_with_the_reason() -> None:
    (message,) = errors("}\n  sequential: e_process")
    assert "more participants add no tracks" in message


def test_looks_without_ties_are_refused() -> None:
    (message,) = errors(", estimand: new_participants}\n  ties: excluded\n  sequential: pocock")
    assert "ties: half" in message


def test_a_method_that_does_not_exist_is_named() -> None:
    with pytest.raises(StudyFileError, match="did you mean pocock"):
        errors("}\n  sequential: pocok")
