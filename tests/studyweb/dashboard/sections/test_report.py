"""The whole report: what it says of a small study, that its numbers are the results', and what bad data get."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from studyweb.dashboard.report_files import report_data
from studyweb.dashboard.results import MaskedError, results_of
from studyweb.dashboard.sections.report import Report, report_of
from studyweb.dashboard.sections.section import Section
from studyweb.studies.models import Study
from tests.studyweb.answering import clear_choice, small_study, somebody, unblinded, with_answers
from tests.studyweb.export.unpacking import mixed_minds

pytestmark = pytest.mark.django_db

NOT_A_NUMBER = re.compile(r"\b(nan|inf|None)\b")


def silent(_share: float, _message: str) -> None:
    """Progress that nobody watches."""


def report(study: Study) -> Report:
    return report_of(unblinded(study), silent)


def sections(made: Report) -> dict[str, Section]:
    """By key: those of the primary pair, and of the study as a whole."""
    return {section.key: section for part in made.parts[:2] for section in part.sections}


def texts(made: Report) -> Iterator[str]:
    """Everything that a reader sees."""
    for part in made.parts:
        for section in part.sections:
            yield from (section.sentence, *section.header, *section.notes)
            yield from (cell for row in section.rows for cell in row)
    yield from (made.method, made.results, made.headline, *made.deviations)


@pytest.fixture
def study() -> Study:
    made = small_study(items=12, tracks=6, design={"meetings_per_track": 2})
    for number in range(6):
        somebody(made, mixed_minds(number))
    somebody(made, clear_choice, trials=2)
    return made


def test_the_report_is_refused_while_the_study_is_masked(study: Study) -> None:
    with pytest.raises(MaskedError):
        report_of(study, silent)


def test_its_numbers_are_those_of_the_results(study: Study) -> None:
    found, result = sections(report(study)), results_of(Study.objects.get(pk=study.pk))[0]
    numbers = found["preference"].numbers
    assert numbers["rate"] == result.estimate.rate
    assert numbers["n_answers"] == result.estimate.n_answers
    assert found["ties"].numbers["ties"] == result.ties.ties
    assert found["sides"].numbers["slot_a_rate"] == result.sides.slot_a_preference.rate
    assert found["flips"].numbers["flips"] == result.flips.flips
    weighted = found["weights"].numbers["participant_weighted_rate"]
    assert weighted == pytest.approx(result.estimate.participant_weighted_rate)


def test_every_finding_has_a_sentence_and_every_figure_a_table(study: Study) -> None:
    made = report(study)
    for part in made.parts:
        keys = [section.key for section in part.sections]
        assert len(set(keys)) == len(keys)
        for section in part.sections:
            assert section.sentence.endswith((".", "!"))
            assert all(len(row) == len(section.header) for row in section.rows), section.key
            assert section.figure is None or section.rows, section.key
    assert report_data(made)["parts"][0]["sections"]


def test_the_flow_counts_everybody_once(study: Study) -> None:
    somebody(study, trials=0)
    somebody(study, is_test=True)
    flow = dict(sections(report(study))["flow"].rows)
    assert flow["Agreed to take part"] == "8"
    assert flow["completed no scored trial"] == "1"
    assert flow["Completed a scored trial"] == "7"
    assert flow["previews and tests, never counted"] == "1"


def test_header_and_paragraphs_hold_the_plans_hash_and_what_systems_knew(study: Study) -> None:
    made = report(study)
    assert study.file_sha256 in dict(made.facts).values()
    assert study.file_sha256 in made.method
    assert study.file_sha256 in made.results
    assert "it heard the answer, a ceiling" in made.method
    assert ("Differential, same passage", "Model", "stems_ref", "stems_ref", "same passage") in made.systems


def test_what_went_another_way_than_planned_is_listed(study: Study) -> None:
    study.file_text += " "
    study.save()
    said = " ".join(report(study).deviations)
    assert "6 participants completed, 24 were planned." in said
    assert "does not have the hash" in said


def test_simulated_data_are_marked_in_the_paragraphs() -> None:
    made = report(small_study(simulated=True))
    assert made.method.startswith("SIMULATED DATA")
    assert made.results.startswith("SIMULATED DATA")


@pytest.mark.parametrize("kind", ["nobody", "one person", "all ties", "all alike", "one track"])
def test_bad_data_get_reasons_and_never_a_number_that_is_none(kind: str) -> None:
    study = small_study(items=4, tracks=1, design={"meetings_per_track": 4}) if kind == "one track" else small_study()
    choose = with_answers(final_choice="no_preference") if kind == "all ties" else clear_choice
    for _ in range({"nobody": 0, "one person": 1}.get(kind, 3)):
        somebody(study, choose)
    made = report(study)
    assert not [text for text in texts(made) if NOT_A_NUMBER.search(text)]
    if kind == "nobody":
        assert made.headline.startswith("Nobody has compared")
    if kind == "one track":
        assert "one track: no interval" in made.headline
