"""Criteria, agreement and equivalence with hardly anything to go by: words and counts, never NaN or a traceback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from studyweb.dashboard.sections.agreement import agreement_sections
from studyweb.dashboard.sections.criteria import criteria_sections
from studyweb.dashboard.sections.equivalence import equivalence_sections
from studyweb.dashboard.sections.section import Section
from studyweb.studies.models import Study
from studyweb.trials.models import Trial
from tests.studyweb.answering import clear_choice, small_study, somebody
from tests.studyweb.dashboard.sections.reading import by_key, primary_data
from tests.studyweb.export.unpacking import mixed_minds

pytestmark = pytest.mark.django_db

MIDDLE = {"final_choice": "no_preference", "rating": "4", "keep": "partly"}
CANT_TELL = {"rating": "cant_tell"}


def study_of(*, estimand: str = "new_participants_and_tracks", **options: Any) -> Study:
    primary = {"pair": ["differential", "baseline"], "estimand": estimand}
    return small_study(
        analysis={"primary": primary, "ties": "half", "level": 0.95, "equivalence_margin": 0.1}, **options
    )


def all_sections(study: Study) -> dict[str, Section]:
    data = primary_data(study)
    return by_key([*criteria_sections(data), *agreement_sections(data), *equivalence_sections(data)])


def always(fixed: Mapping[str, str]) -> Any:
    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        found = fixed.get(str(question["name"]), fixed.get(str(question["kind"])))
        return clear_choice(trial, question) if found is None else found

    return choose


def intervals(sections: Mapping[str, Section]) -> set[str]:
    return {name for section in sections.values() for name in section.numbers if name.endswith("_low")}


def test_one_track_gives_no_interval_for_other_tracks_but_one_for_this_track() -> None:
    for estimand, has_some in (("new_participants_and_tracks", False), ("new_participants", True)):
        study = study_of(items=4, tracks=1, design={"meetings_per_track": 4}, estimand=estimand)
        for number in range(3):
            somebody(study, mixed_minds(number))
        found = intervals(all_sections(study)) - {"rater_rate_low"}
        assert bool(found) == has_some, found


def test_ties_everywhere_are_said_to_be_all_alike() -> None:
    study = study_of()
    for _ in range(3):
        somebody(study, always(MIDDLE))
    sections = all_sections(study)
    assert intervals(sections) == set()
    assert "cannot be fitted: all answers are alike" in sections["rating-models"].sentence
    assert "every answer is no preference" in sections["equivalence"].sentence
    assert sections["raters"].numbers["rater_rate_median"] == 0.5
    assert sections["agreement"].numbers["ac1_choice"] == 1.0


def test_where_nobody_could_tell_there_is_no_mean() -> None:
    study = study_of()
    for _ in range(2):
        somebody(study, always(CANT_TELL))
    sections = all_sections(study)
    assert sections["rating-counts"].numbers["n_cant_tell"] == sections["rating-counts"].numbers["n_ratings"]
    assert not [name for name in sections["criteria"].numbers if name.startswith("difference")]
    assert "nobody rated both" in sections["rating-models"].sentence


def test_nobody_at_all() -> None:
    sections = all_sections(study_of())
    assert set(sections) == {"criteria", "agreement", "raters", "equivalence"}
    assert {name for section in sections.values() for name in section.numbers} == {"margin"}
