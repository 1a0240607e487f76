"""Sentences claim no more than the interval holds, and say of whom and on what."""

import numpy as np
import pytest

from studyweb.stats.ballots import Ballots
from studyweb.stats.preference import estimate_preference
from studyweb.stats.sides import report_sides
from studyweb.stats.wording import position_sentence, preference_sentence


def ballots(scores: np.ndarray, first_is_a: np.ndarray | None = None) -> Ballots:
    """One answer per participant (row) and track (column)."""
    participants, tracks = np.indices(scores.shape)
    sides = np.indices(scores.shape).sum(axis=0) % 2 == 0 if first_is_a is None else first_is_a
    return Ballots(scores.ravel().astype(float), participants.ravel(), tracks.ravel(), sides.ravel())


def sentence(scores: np.ndarray, **options: str) -> str:
    return preference_sentence(estimate_preference(ballots(scores), **options), first="One", second="Two")


def random_scores(share: float, shape: tuple[int, int] = (20, 20)) -> np.ndarray:
    return (np.random.default_rng(2).random(shape) < share).astype(float)


def test_an_interval_that_holds_one_half_leaves_it_open() -> None:
    assert "stays open" in sentence(random_scores(0.5))


def test_a_clear_result_says_for_whom_and_on_which_songs() -> None:
    assert sentence(random_scores(0.9)).endswith("Producers like these would prefer One on songs like these.")
    assert sentence(random_scores(0.1)).endswith("would prefer Two on songs like these.")


def test_with_the_tracks_given_it_speaks_of_these_songs_only() -> None:
    said = sentence(random_scores(0.9), estimand="new_participants")
    assert said.endswith("would prefer One on these songs.")


@pytest.mark.parametrize("scores", [random_scores(0.8, (5, 20)), np.ones((6, 20))])
def test_few_participants_are_indicative_even_when_all_answers_are_alike(scores: np.ndarray) -> None:
    assert sentence(scores).startswith("Indicative only: ")


def test_one_track_says_that_there_is_no_interval() -> None:
    assert "1 track, ties counted as half; one track: no interval." in sentence(random_scores(0.5, (12, 1)))


def test_nobody_yet() -> None:
    assert sentence(np.empty((0, 0))) == "Nobody has compared One with Two yet."


def test_bots_that_always_choose_the_right_hand_side_are_a_position_effect_and_no_preference() -> None:
    first_is_a = np.indices((12, 10)).sum(axis=0) % 2 == 0
    always_b = ballots(np.where(first_is_a, 0.0, 1.0), first_is_a)
    assert estimate_preference(always_b).rate == 0.5
    said = position_sentence(report_sides(always_b))
    assert said.startswith("Position effect: whatever stood in slot A")
    assert "pulls every preference towards one half" in said


def test_uneven_sides_are_an_alarm() -> None:
    uneven = ballots(random_scores(0.5), np.ones((20, 20), bool))
    assert "Sides are not balanced" in position_sentence(report_sides(uneven))


def test_without_either_nothing_is_said() -> None:
    assert position_sentence(report_sides(ballots(random_scores(0.5)))) == ""
