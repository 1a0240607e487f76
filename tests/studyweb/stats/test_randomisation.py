"""The side-randomisation test: exact p values of small cases, a level that holds, and stored draws that cannot be."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.randomisation import RandomisationTest, SessionSides, StoredDrawError, randomisation_test
from studyweb.trials.sides import draw_side_blocks, spread_pairs


def drawn_session(seed: int, *, counts: tuple[int, ...] = (6, 2), left_bias: float = 0.5) -> SessionSides:
    """A session drawn as studies draw it; slot A is chosen with one probability whatever stands there."""
    rng, choosing = random.Random(seed), np.random.default_rng(seed)
    blocks = draw_side_blocks(sum(counts), rng)
    sides = [side for block in blocks for side in block]
    pairs = spread_pairs(sides, list(enumerate(counts)), rng)
    chosen = (choosing.random(len(sides)) < left_bias).astype(float)
    return SessionSides(
        block_sizes=[len(block) for block in blocks for _ in block],
        pair=np.array(pairs),
        first_in_a=np.array(sides),
        slot_a=np.where(np.array(pairs) == 0, chosen, np.nan),
    )


def outcome_of(sessions: list[SessionSides], *, draws: int = 9_999) -> RandomisationTest:
    result = randomisation_test(sessions, draws=draws)
    assert isinstance(result, RandomisationTest)
    return result


ONE = SessionSides(
    [2, 2, 4, 4, 4, 4], np.zeros(6, int), np.array([1, 0, 1, 0, 0, 1], bool), np.array([1, 0, 1, 0, 0, 0.0])
)


def all_sides(session: SessionSides) -> list[tuple[bool, ...]]:
    """Every sequence that the mechanism can make, by trying all of them."""
    found = []
    for sides in itertools.product((False, True), repeat=6):
        halves = sum(sides[:2]) == 1 and sum(sides[2:]) == 2
        even = all(
            abs(
                2 * sum(side for side, of in zip(sides, session.pair, strict=True) if of == pair)
                - (session.pair == pair).sum()
            )
            <= 1
            for pair in set(session.pair)
        )
        if halves and even:
            found.append(sides)
    return found


@pytest.mark.parametrize("pair", [[0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 1]])
def test_the_p_value_is_that_of_all_possible_draws(pair: list[int]) -> None:
    session = replace(ONE, pair=np.array(pair), slot_a=np.where(np.array(pair) == 0, ONE.slot_a, np.nan))
    answered = ~np.isnan(session.slot_a)

    def far(sides: tuple[bool, ...]) -> float:
        wins = np.where(np.array(sides), session.slot_a, 1 - session.slot_a)[answered].sum()
        return abs(float(wins) - answered.sum() / 2)

    possible = all_sides(session)
    exact = np.mean([far(sides) >= far(tuple(session.first_in_a)) for sides in possible])
    assert outcome_of([session]).p_value == pytest.approx(exact, abs=0.02)


def test_the_level_holds_with_a_position_effect() -> None:
    p_values = [
        outcome_of([drawn_session(100 * study + person, left_bias=0.7) for person in range(5)], draws=99).p_value
        for study in range(150)
    ]
    assert np.mean(np.array(p_values) <= 0.1) <= 0.1 + 2 * np.sqrt(0.1 * 0.9 / 150)
    assert np.mean(np.array(p_values) <= 0.5) > 0.2


def test_a_system_that_is_always_chosen_is_found_wherever_it_stands() -> None:
    sessions = [drawn_session(person) for person in range(12)]
    follows = [
        replace(each, slot_a=np.where(np.isnan(each.slot_a), np.nan, each.first_in_a.astype(float)))
        for each in sessions
    ]
    result = outcome_of(follows)
    assert result.rate == 1.0
    assert result.p_value == 1 / 10_000
    assert (result.n_participants, result.n_answers) == (12, 72)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_every_session_that_a_study_draws_can_be_replayed(seed: int) -> None:
    result = outcome_of([drawn_session(seed, counts=(5, 3, 1))], draws=99)
    assert 0 < result.p_value <= 1


def test_naming_the_systems_the_other_way_changes_the_rate_and_not_the_p_value() -> None:
    sessions = [drawn_session(person, left_bias=0.7) for person in range(8)]
    turned = [replace(each, slot_a=1 - each.slot_a) for each in sessions]
    assert outcome_of(turned).rate == pytest.approx(1 - outcome_of(sessions).rate)
    assert outcome_of(turned).p_value == pytest.approx(outcome_of(sessions).p_value)


def test_only_ties_say_nothing() -> None:
    session = replace(ONE, slot_a=np.full(6, 0.5))
    assert outcome_of([session]).p_value == 1.0
    assert outcome_of([session]).expected_spread == 0.0


def test_without_answers_there_is_no_test() -> None:
    result = randomisation_test([replace(ONE, slot_a=np.full(6, np.nan))])
    assert isinstance(result, NotFitted)
    assert result.reason == "no answers"


def test_sides_too_rare_to_be_drawn_again_are_refused() -> None:
    many = SessionSides([4] * 40, np.arange(40) % 20, np.array([1, 0] * 10 + [0, 1] * 10, bool), np.ones(40))
    result = randomisation_test([many], draws=99)
    assert isinstance(result, NotFitted)
    assert "too rare" in result.reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"first_in_a": np.array([1, 1, 1, 0, 0, 0], bool)}, "half of the sides"),
        ({"block_sizes": [2, 2, 4, 4, 4, 2]}, "do not fill the session"),
        ({"block_sizes": [3, 3, 3, 3, 3, 3]}, "has no half"),
        ({"pair": np.array([0, 1, 0, 1, 1, 0])}, "differ by more than one"),
        ({"slot_a": np.ones(5)}, "unequal length"),
    ],
)
def test_stored_draws_that_cannot_be_are_errors(change: dict[str, object], reason: str) -> None:
    with pytest.raises(StoredDrawError, match=f"session 1: .*{reason}"):
        randomisation_test([replace(ONE, **change)])
