"""Plans: what a design would give, and where recruiting stops helping."""

from __future__ import annotations

import pytest
from scipy import stats

from studyweb.stats.answer_model import AnswerModel, AnswerModelError
from studyweb.stats.planning import Design, plan_study, simulate_design

STRONG = AnswerModel(rate=0.573, participant_sd=0.8, track_sd=0.5)


def test_without_clusters_power_is_nearly_that_of_the_textbook() -> None:
    line = simulate_design(Design(40, 40, 10), AnswerModel(0.57, 0.0, 0.0), studies=1_000)
    independent = stats.norm.sf(1.96 - 0.07 / (0.25 / 400) ** 0.5)
    # The two-way guard and t on 39 degrees of freedom cost some power; they never add any.
    assert independent - 0.15 < line.power <= independent + 3 * line.power_se
    assert line.half_width == pytest.approx(1.96 * (0.25 / 400) ** 0.5, rel=0.15)
    assert line.half_width <= line.half_width_90


def test_ten_tracks_are_a_ceiling_that_participants_do_not_lift() -> None:
    # An independent simulation of the same designs gave power .46 (10 tracks) and .94 (40 tracks) at 400 participants.
    few, many = (simulate_design(Design(400, tracks, 10), STRONG, studies=300).power for tracks in (10, 40))
    assert few == pytest.approx(0.46, abs=0.1)
    assert many == pytest.approx(0.94, abs=0.05)


def test_a_plan_says_where_its_ceiling_is() -> None:
    plan = plan_study(Design(24, 12, 6), STRONG, studies=100)
    assert plan.ceiling.design.participants == 240
    assert [line.design.tracks for line in plan.more_tracks] == [24, 48]
    assert plan.notes[-1].startswith("12 tracks are a ceiling: with 240 participants instead of 24 power goes from")
    assert plan == plan_study(Design(24, 12, 6), STRONG, studies=100)


def test_with_these_tracks_only_a_plan_says_what_it_leaves_out() -> None:
    plan = plan_study(Design(24, 12, 6), STRONG, estimand="new_participants", studies=100)
    assert plan.notes == ("These tracks, other participants: nothing here says what other tracks would give.",)
    assert plan.planned.power >= plan_study(Design(24, 12, 6), STRONG, studies=100).planned.power


def test_with_these_tracks_only_there_is_no_ceiling() -> None:
    assert simulate_design(Design(400, 4, 4), STRONG, estimand="new_participants", studies=100).power == 1.0


def test_naming_the_systems_the_other_way_round_keeps_the_power() -> None:
    lines = [simulate_design(Design(24, 24, 8), AnswerModel(rate, 0.5, 0.5), studies=600) for rate in (0.62, 0.38)]
    assert lines[0].power == pytest.approx(lines[1].power, abs=4 * lines[0].power_se)


def test_people_who_do_not_complete_are_not_counted() -> None:
    assert Design(40, 12, 6, completion=0.6).completed == 24
    plain, dropped = (simulate_design(Design(*size), STRONG, studies=50) for size in ((24, 12, 6), (40, 12, 6, 0.6)))
    assert plain.half_width == dropped.half_width


def test_more_trials_than_tracks_are_said_to_be_lost() -> None:
    assert "but 4 tracks" in plan_study(Design(10, 4, 9), STRONG, studies=50).notes[0]


@pytest.mark.parametrize("wrong", [(1, 12, 6), (12, 1, 6), (12, 12, 0), (20_000, 12, 10), (12, 12, 6, 0.0)])
def test_designs_that_cannot_be_are_refused(wrong: tuple[int, ...]) -> None:
    with pytest.raises(AnswerModelError):
        Design(*wrong)
