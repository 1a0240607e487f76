"""Sections on agreement, raters, repeats and equivalence, from answers of real sessions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from studyweb.dashboard.results import results_of
from studyweb.dashboard.sections.agreement import agreement_sections
from studyweb.dashboard.sections.equivalence import equivalence_sections
from studyweb.studies.models import Study
from studyweb.trials.models import Trial
from tests.studyweb.answering import Choose, clear_choice, slot_of, small_study, somebody, unblinded, with_answers
from tests.studyweb.dashboard.sections.reading import by_key, primary_data
from tests.studyweb.export.unpacking import mixed_minds

pytestmark = pytest.mark.django_db

PRIMARY = {"pair": ["differential", "baseline"], "estimand": "new_participants_and_tracks"}


def margin_study(margin: float | None, **plan: Any) -> Study:
    declared = {} if margin is None else {"equivalence_margin": margin}
    return small_study(analysis={"primary": PRIMARY, "ties": "half", "level": 0.95, **declared}, **plan)


def repeating_study(**design: Any) -> Study:
    trials = [{"pair": ["differential", "baseline"], "count": 6}]
    return small_study(items=12, tracks=6, design={"trials": trials, "repeats": 2, "meetings_per_track": 2, **design})


def in_repeats(final: str) -> Choose:
    """Clear choices, but in repeats the final one: `better`, `worse` or `none`."""

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role != Trial.Role.REPEAT or question["name"] != "final_choice" or final == "better":
            return clear_choice(trial, question)
        worse = {"A": "b", "B": "a"}[slot_of(trial)]
        return "no_preference" if final == "none" else f"{worse}_slightly"

    return choose


def test_people_who_all_say_the_same_agree() -> None:
    study = small_study()
    for _ in range(3):
        somebody(study)
    section = by_key(agreement_sections(primary_data(study)))["agreement"]
    assert "the same final choice in 100 % of cases" in section.sentence
    assert section.numbers["ac1_choice"] == 1.0
    assert "alpha_choice" not in section.numbers
    # The two advices were rated 6 and 3 by everybody: perfect agreement about advices that differ.
    assert section.numbers["alpha_want"] == section.numbers["alpha_keep"] == 1.0


def test_mixed_minds_agree_little_and_the_counts_are_given() -> None:
    study = small_study(items=4, tracks=4)
    for number in range(8):
        somebody(study, mixed_minds(number))
    section = by_key(agreement_sections(primary_data(study)))["agreement"]
    assert "32 answers of 8 participants about 4 pairs of advices on 4 tracks" in section.sentence
    assert section.sentence.startswith("Indicative only: two people")
    assert -0.5 < section.numbers["alpha_describes"] < 0.5
    assert section.numbers["alpha_describes_low"] < section.numbers["alpha_describes"]


def test_raters_by_hand() -> None:
    study = small_study()
    clear = somebody(study)
    undecided = somebody(study, with_answers(final_choice="no_preference"))
    always_a = somebody(study, with_answers(final_choice="a_clearly"))
    section = by_key(agreement_sections(primary_data(study)))["raters"]
    lines = {row[0]: row[1:5] for row in section.rows}
    assert lines[clear.public_id][:3] == ("4", "100 %", "0 %")
    assert lines[undecided.public_id] == ("4", "50 %", "100 %", "50 %")
    assert lines[always_a.public_id][2:] == ("0 %", "100 %")
    assert (section.numbers["raters_for_first"], section.numbers["n_raters"]) == (1, 3)


def test_the_time_of_a_trial_is_the_median_in_minutes() -> None:
    study = small_study()
    rater = somebody(study)
    scored = list(rater.trials.filter(role=Trial.Role.SCORED))
    for trial, minutes in zip(scored, (1, 2, 3, 60), strict=True):
        assert trial.completed_at is not None
        Trial.objects.filter(pk=trial.pk).update(started_at=trial.completed_at - timedelta(minutes=minutes))
    assert by_key(agreement_sections(primary_data(study)))["raters"].rows[0][-1] == "2.5"


def test_whoever_is_excluded_is_no_rater() -> None:
    study = small_study(exclusions=[{"rule": "failed_checks", "at_least": 1}])
    somebody(study)

    def fails(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role == Trial.Role.CHECK and question["name"] == "final_choice":
            return {"A": "b_slightly", "B": "a_slightly"}[slot_of(trial)]
        return clear_choice(trial, question)

    failed = somebody(study, fails)
    section = by_key(agreement_sections(primary_data(study)))["raters"]
    assert failed.public_id not in {row[0] for row in section.rows}
    assert section.numbers["n_raters"] == 1


def test_repeats_are_compared_with_the_trial_they_repeat() -> None:
    study = repeating_study()
    for final in ("better", "worse", "none"):
        somebody(study, in_repeats(final))
    section = by_key(agreement_sections(primary_data(study)))["repeats"]
    counts = {label: int(count) for label, count in section.rows}
    assert section.numbers["n_repeats"] == 6
    assert counts == {
        "same side": 2,
        "of these as clearly": 2,
        "other advice, same slot": 2,
        "to or from no preference": 2,
    }
    assert section.numbers["consistency"] == pytest.approx(1 / 3)


def test_repeats_enter_no_other_result() -> None:
    study = repeating_study()
    somebody(study, in_repeats("worse"))
    assert {row[1] for row in by_key(agreement_sections(primary_data(study)))["raters"].rows} == {"6"}


def test_a_study_without_repeats_says_nothing_of_them() -> None:
    study = small_study()
    somebody(study)
    assert "repeats" not in by_key(agreement_sections(primary_data(study)))


def test_without_answers_there_are_words_and_no_numbers() -> None:
    sections = by_key(agreement_sections(primary_data(repeating_study())))
    assert "there is nothing to agree on" in sections["agreement"].sentence
    assert sections["raters"].rows == ()
    assert sections["repeats"].sentence == "Nobody has met a trial twice yet."


def test_one_person_has_nobody_to_agree_with() -> None:
    study = small_study()
    somebody(study, mixed_minds(1))
    section = by_key(agreement_sections(primary_data(study)))["agreement"]
    assert section.sentence == "How far people agree cannot be said: nobody judged what another person judged."


def test_equivalence_is_tested_only_where_a_margin_is_declared() -> None:
    study = margin_study(None)
    somebody(study)
    assert equivalence_sections(primary_data(study)) == []


def test_equivalence_stands_on_the_primary_rate() -> None:
    study = margin_study(0.45, items=8, tracks=8)
    for number in range(6):
        somebody(study, mixed_minds(number))
    section = by_key(equivalence_sections(primary_data(study)))["equivalence"]
    assert section.numbers["equivalence_rate"] == results_of(unblinded(study))[0].estimate.rate
    assert ("are equivalent within" in section.sentence) == (section.numbers["equivalence_p"] < 0.05)
    assert "90 % interval" in section.sentence


@pytest.mark.parametrize("final", ["no_preference", None])
def test_equivalence_without_variation_is_refused_with_the_reason(final: str | None) -> None:
    study = margin_study(0.1)
    for _ in range(2):
        somebody(study, clear_choice if final is None else with_answers(final_choice=final))
    section = by_key(equivalence_sections(primary_data(study)))["equivalence"]
    assert "cannot be tested" in section.sentence
    assert section.numbers == {"margin": 0.1}
