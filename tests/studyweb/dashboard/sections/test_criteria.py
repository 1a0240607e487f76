"""Sections on ratings and keeping, from answers of real sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from studyweb.dashboard.figures.shapes import BarFigure, IntervalFigure
from studyweb.dashboard.results import results_of
from studyweb.dashboard.sections.criteria import criteria_sections
from studyweb.stats.codes import UnknownAnswerError
from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Trial
from tests.studyweb.answering import Choose, slot_of, small_study, somebody, unblinded, with_answers
from tests.studyweb.dashboard.sections.reading import by_key, primary_data
from tests.studyweb.export.unpacking import mixed_minds

pytestmark = pytest.mark.django_db

ANALYSIS: dict[str, Any] = {
    "primary": {"pair": ["differential", "baseline"], "estimand": "new_participants_and_tracks"},
    "ties": "half",
    "level": 0.95,
}


def mixed_study(**analysis: Any) -> Study:
    trials = [{"pair": ["differential", "baseline"], "count": 6}]
    study = small_study(items=12, tracks=12, design={"trials": trials}, analysis={**ANALYSIS, **analysis})
    for number in range(6):
        somebody(study, leaning(number))
    return study


def leaning(seed: int) -> Choose:
    """Somebody of a mixed mind who wants the better system's advice more."""
    mixed = mixed_minds(seed)

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if question["name"].startswith("want"):
            return "6" if question["slot"] == slot_of(trial) else str(2 + (seed + trial.position) % 3)
        return mixed(trial, question)

    return choose


def test_the_table_has_the_numbers_of_the_results_page() -> None:
    study = mixed_study()
    sections = by_key(criteria_sections(primary_data(study)))
    assert list(sections) == ["criteria", "rating-counts", "rating-models", "keep"]
    for criterion in results_of(unblinded(study))[0].criteria:
        estimate = criterion.estimate
        assert sections["criteria"].numbers[f"difference_{criterion.name}"] == estimate.difference
        assert estimate.interval is not None
        assert sections["criteria"].numbers[f"difference_{criterion.name}_low"] == estimate.interval.low


def test_without_a_primary_criterion_all_are_adjusted_for_each_other() -> None:
    section = by_key(criteria_sections(primary_data(mixed_study())))["criteria"]
    assert (
        "Of 4 criteria, adjusted for asking several, 1 is clear: “I would want this in a real session”"
        in section.sentence
    )
    assert "points higher than" in section.sentence
    assert "The other 3 stay open." in section.sentence
    assert {name for name in section.numbers if name.startswith("holm_p")} == {
        f"holm_p_{name}" for name in ("describes", "tells", "improves", "want")
    }
    for name in ("describes", "tells", "improves", "want"):
        assert section.numbers[f"together_{name}_low"] < section.numbers[f"difference_{name}_low"]


def test_a_declared_primary_criterion_comes_first_and_is_not_adjusted() -> None:
    section = by_key(criteria_sections(primary_data(mixed_study(primary_criterion="want"))))["criteria"]
    assert section.sentence.startswith("On the primary criterion, “I would want this in a real session”,")
    assert section.rows[0][0] == "I would want this in a real session"
    assert "On none of 3 other criteria it is clear" in section.sentence
    assert "holm_p_want" not in section.numbers
    assert section.numbers["together_want_low"] == section.numbers["difference_want_low"]
    assert isinstance(section.figure, IntervalFigure)
    assert len(section.figure.rows) == 4


def test_counts_add_up_and_cant_tell_is_no_scale_point() -> None:
    study = small_study()
    somebody(study)
    somebody(study, with_answers(**{"describes.A": "cant_tell"}))
    section = by_key(criteria_sections(primary_data(study)))["rating-counts"]
    assert (section.numbers["n_ratings"], section.numbers["n_cant_tell"]) == (2 * 4 * 4 * 2, 4)
    assert isinstance(section.figure, BarFigure)
    assert section.figure.answers == tuple("1234567")
    assert sum(sum(counts) for _, counts in section.figure.rows) == 64 - 4


def test_keeping_by_hand() -> None:
    study = small_study()
    somebody(study)
    somebody(study, with_answers(**{"keep.A": "partly", "keep.B": "partly"}))
    section = by_key(criteria_sections(primary_data(study)))["keep"]
    assert section.numbers["first_yes"] == 0.5
    assert section.numbers["first_partly"] == section.numbers["second_partly"] == 0.5
    assert section.numbers["second_no"] == 0.5
    assert section.numbers["difference_yes"] == 0.5
    assert section.numbers["dominance_keep"] == (4 * 1 + 4 * 0.5) / 8
    assert section.figure == BarFigure(
        "Would you keep this change?",
        ("no", "partly", "yes"),
        ((primary_data(study).first.label, (0, 4, 4)), (primary_data(study).second.label, (4, 4, 0))),
    )


def test_ratings_that_are_all_alike_are_said_to_be_so() -> None:
    study = small_study()
    for _ in range(2):
        somebody(study)
    sections = by_key(criteria_sections(primary_data(study)))
    assert "all differences are alike: no interval" in sections["criteria"].rows[0]
    assert "cannot be fitted: one system was never rated lower" in sections["rating-models"].sentence
    assert sections["rating-models"].figure is None
    assert "all differences are alike" in sections["keep"].sentence


@pytest.mark.parametrize("people", [0, 1])
def test_nobody_or_one_person_gets_words_instead_of_intervals(people: int) -> None:
    study = small_study()
    for number in range(people):
        somebody(study, mixed_minds(number))
    sections = by_key(criteria_sections(primary_data(study)))
    assert not [name for section in sections.values() for name in section.numbers if name.endswith("_low")]
    assert ("Nobody has rated" in sections["criteria"].sentence) == (people == 0)


def test_an_unknown_answer_raises() -> None:
    study = small_study()
    somebody(study)
    Answer.objects.filter(step="keep.A").update(value="maybe")
    with pytest.raises(UnknownAnswerError, match="maybe"):
        criteria_sections(primary_data(study))
