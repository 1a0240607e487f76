"""Side and tie reports."""

import numpy as np
import pytest

from studyweb.stats.ballots import Ballots
from studyweb.stats.sides import report_sides
from studyweb.stats.ties import report_ties


def always_b(participants: int = 12, tracks: int = 10) -> Ballots:
    """Everyone picks slot B; the first system is in A in every second trial."""
    rows = participants * tracks
    first_is_a = np.arange(rows) % 2 == 0
    return Ballots(
        score=np.where(first_is_a, 0.0, 1.0),
        participant=np.repeat(np.arange(participants), tracks),
        track=np.tile(np.arange(tracks), participants),
        first_is_a=first_is_a,
    )


def test_a_habit_of_picking_the_second_slot_shows_as_position_effect_not_preference():
    ballots = always_b()
    assert ballots.score.mean() == pytest.approx(0.5)
    assert report_sides(ballots).slot_a_preference.rate == 0.0


def test_unbalanced_sides_get_a_small_p():
    ballots = always_b()
    skewed = ballots.subset(ballots.first_is_a)
    assert report_sides(skewed).balance_p < 0.001
    assert report_sides(ballots).balance_p == pytest.approx(1.0)


def test_outcomes_add_up():
    ballots = always_b()
    score = ballots.score.copy()
    score[:30] = 0.5
    report = report_ties(Ballots(score, ballots.participant, ballots.track, ballots.first_is_a))
    assert (report.ties, report.wins + report.ties + report.losses) == (30, ballots.n_answers)
    assert report.tie_rate.rate == pytest.approx(30 / 120)
    assert report.decided.n_answers == 90
