"""Results of a tiny data set, by hand; exclusions, ties, masks and subgroups."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from studyweb.dashboard.criteria_results import tie_reasons
from studyweb.dashboard.pair_trials import PairTrial
from studyweb.dashboard.results import MaskedError, PairResult, results_of
from studyweb.studies.models import Study
from studyweb.studies.plan import declared_pairs
from studyweb.trials.models import Trial
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import Choose, clear_choice, slot_of, small_study, somebody, unblinded, with_answers

pytestmark = pytest.mark.django_db


def primary(study: Study) -> PairResult:
    return results_of(unblinded(study))[0]


def by_position(*finals: str) -> Choose:
    """Final choices by a trial's place among the scored ones: `better_*`, `worse_*` or a code."""

    def choose(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role != Trial.Role.SCORED or question["name"] != "final_choice":
            return clear_choice(trial, question)
        scored = trial.participant.trials.filter(role=Trial.Role.SCORED, position__lt=trial.position).count()
        better = slot_of(trial).lower()
        worse = {"a": "b", "b": "a"}[better]
        return finals[scored].replace("better", better).replace("worse", worse)

    return choose


def test_a_tiny_study_by_hand() -> None:
    study = small_study()
    somebody(study, by_position("better_clearly", "better_slightly", "worse_slightly", "no_preference"))
    somebody(study, by_position("better_clearly", "better_clearly", "better_slightly", "no_preference"))
    result = primary(study)
    # One person gave 2 wins, 1 loss and 1 tie (2.5 of 4), the other 3 wins and 1 tie (3.5 of 4).
    assert (result.ties.wins, result.ties.ties, result.ties.losses) == (5, 2, 1)
    assert result.estimate.rate == (2.5 + 3.5) / 8
    assert (result.estimate.n_answers, result.estimate.n_participants, result.estimate.n_tracks) == (8, 2, 4)
    assert result.estimate.label == "indicative"
    assert result.estimate.participant_weighted_rate == pytest.approx((2.5 / 4 + 3.5 / 4) / 2)
    assert result.ties.tie_rate.rate == 2 / 8
    assert result.ties.decided.rate == 5 / 6
    assert result.tie_reasons["different_but_equal"] == 2
    assert result.sides.first_in_a + result.sides.first_in_b == 8
    # Everybody first chose the better system: one trial flipped away from it, two ended in no preference.
    assert (result.flips.n_trials, result.flips.kept, result.flips.flipped_to_second) == (8, 5, 1)
    assert result.flips.undecided == 2


def test_the_reason_of_a_tie_that_became_a_choice_is_not_counted() -> None:
    reason = {"no_preference_reason": "no_difference"}
    trial = PairTrial(uuid.uuid4(), 1, "pop", True, False, answers={"final_choice": "no_preference", **reason})
    corrected = replace(trial, answers={"final_choice": "a_slightly", **reason})
    assert tie_reasons([trial, corrected])["no_difference"] == 1


def test_ratings_and_kept_changes_by_hand() -> None:
    study = small_study()
    somebody(study)
    somebody(study, with_answers(**{"describes.A": "cant_tell"}))
    result = primary(study)
    assert [criterion.name for criterion in result.criteria] == ["describes", "tells", "improves", "want"]
    tells, describes = result.criteria[1].estimate, result.criteria[0].estimate
    assert (tells.first_mean, tells.second_mean, tells.difference, tells.n_trials) == (6.0, 3.0, 3.0, 8)
    assert tells.note == "all differences are alike: no interval"
    assert (describes.n_trials, describes.cant_tell_first + describes.cant_tell_second) == (4, 4)
    assert (result.keeps.first, result.keeps.second) == (
        {"yes": 8, "partly": 0, "no": 0},
        {"yes": 0, "partly": 0, "no": 8},
    )


def test_sides_do_not_move_the_rate() -> None:
    study = small_study()
    for _ in range(2):
        somebody(study, with_answers(final_choice="a_clearly"))
    result = primary(study)
    assert result.estimate.rate == 0.5
    assert result.sides.slot_a_preference.rate == 1.0
    assert {group.label: group.estimate.rate for group in result.subgroups} == {"shown as A": 1.0, "shown as B": 0.0}


def test_results_are_refused_while_the_study_is_masked() -> None:
    study = small_study()
    somebody(study)
    with pytest.raises(MaskedError):
        results_of(study)


def test_a_study_without_answers_says_so() -> None:
    result = primary(small_study())
    assert result.sentence.startswith("Nobody has compared")
    assert result.criteria == ()


def test_withdrawn_and_test_people_and_unfinished_trials_are_not_counted() -> None:
    study = small_study()
    somebody(study)
    withdraw_and_erase(somebody(study))
    somebody(study, is_test=True)
    somebody(study, trials=2)
    result = primary(study)
    scored = Trial.objects.filter(
        participant__in=study.participants.filter(is_test=False).exclude(state="withdrawn"),
        role=Trial.Role.SCORED,
        completed_at__isnull=False,
    )
    assert result.estimate.n_participants == 2
    assert result.estimate.n_answers == scored.count() < 8


def test_a_declared_exclusion_leaves_a_participant_out_and_shows_the_estimate_with_them() -> None:
    study = small_study(exclusions=[{"rule": "failed_checks", "at_least": 1}])
    somebody(study)

    def fails_the_check(trial: Trial, question: Mapping[str, Any]) -> str | None:
        if trial.role == Trial.Role.CHECK and question["name"] == "final_choice":
            return {"A": "b_slightly", "B": "a_slightly"}[slot_of(trial)]
        return clear_choice(trial, question)

    somebody(study, fails_the_check)
    result = primary(study)
    assert (result.estimate.n_participants, result.estimate.n_answers) == (1, 4)
    assert {group.label: group.estimate.n_answers for group in result.subgroups}["with excluded participants"] == 8


def test_a_plan_that_leaves_ties_out_makes_the_decided_answers_primary() -> None:
    study = small_study(
        analysis={
            "primary": {"pair": ["differential", "baseline"], "estimand": "new_participants_and_tracks"},
            "ties": "excluded",
            "level": 0.9,
        }
    )
    for _ in range(2):
        somebody(study, by_position("better_clearly", "better_clearly", "worse_clearly", "no_preference"))
    result = primary(study)
    assert (result.estimate.rate, result.estimate.n_answers) == (4 / 6, 6)
    assert (result.with_ties.rate, result.with_ties.n_answers) == (5 / 8, 8)
    assert "ties left out" in result.sentence
    assert result.estimate.interval is not None
    assert result.estimate.interval.level == 0.9


def test_unreadable_advice_is_left_out_only_where_the_study_file_says_so() -> None:
    for rule, expected in (("counts", 8), ("excluded", 6)):
        study = small_study(design={"unreadable_advice": rule})
        item = study.items.first()
        assert item is not None
        item.advices.filter(system__key="baseline").update(changes=None, not_actionable="no gain changes found")
        for _ in range(2):
            somebody(study)
        assert primary(study).estimate.n_answers == expected


def test_genres_are_subgroups_only_when_there_are_several() -> None:
    study = small_study()
    somebody(study)
    study.tracks.filter(pk__in=[track.pk for track in study.tracks.all()[:2]]).update(genre="rock")
    labels = [group.label for group in primary(study).subgroups]
    assert labels == ["shown as A", "shown as B", "pop", "rock"]


def test_a_pair_is_listed_once_however_it_is_written() -> None:
    study = small_study(design={"trials": [{"pair": ["baseline", "differential"], "count": 4}]})
    assert declared_pairs(study.plan) == (("differential", "baseline"),)
