"""Strengths equal BradleyTerry2's; ranks and refusals say what the answers allow."""

import itertools

import numpy as np
import pytest
from scipy import stats

from studyweb.stats.ballots import Ballots
from studyweb.stats.bradley_terry import Ranking, rank_systems
from studyweb.stats.comparisons import Comparisons, comparisons_from_rows
from studyweb.stats.joint import joint_quantile
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_fit import TIE_MODELS, PairedFit, TieModel, fit_paired
from tests.studyweb.stats.test_paired_fit import EXPECTED, table

SYSTEMS = ("a", "b", "c", "d")


def ranked(comparisons: Comparisons, *, ties: TieModel = "half", level: float = 0.95) -> Ranking:
    ranking = rank_systems(comparisons, ties=ties, level=level)
    assert isinstance(ranking, Ranking)
    return ranking


def why_not(comparisons: Comparisons) -> str:
    ranking = rank_systems(comparisons)
    assert isinstance(ranking, NotFitted)
    return ranking.reason


def baseball() -> Comparisons:
    """One row per game; every game its own participant, so that nothing is clustered."""
    rows = [
        ((row["home"], row["away"]), score)
        for row in table("baseball.csv")
        for name, score in (("home_wins", 1.0), ("away_wins", 0.0))
        for _ in range(int(row[name]))
    ]
    games = [str(game) for game in range(len(rows))]
    return comparisons_from_rows(
        sorted({team for pair, _ in rows for team in pair}),
        [pair for pair, _ in rows],
        [score for _, score in rows],
        participants=games,
        tracks=games,
        first_is_a=[True] * len(rows),
    )


def four_systems() -> Comparisons:
    rows = table("ranking_rows.csv")
    return comparisons_from_rows(
        SYSTEMS,
        [(SYSTEMS[int(row["first"]) - 1], SYSTEMS[int(row["second"]) - 1]) for row in rows],
        [float(row["score"]) for row in rows],
        participants=[row["participant"] for row in rows],
        tracks=[row["track"] for row in rows],
        first_is_a=[row["first_is_a"] == "1" for row in rows],
    )


def of_pairs(*results: tuple[str, str, float]) -> Comparisons:
    """Every result given by six participants on five tracks."""
    rows = [(result, person, song) for result in results for person in range(6) for song in range(5)]
    return comparisons_from_rows(
        SYSTEMS[:3],
        [(first, second) for (first, second, _), _, _ in rows],
        [score for (_, _, score), _, _ in rows],
        participants=[str(person) for _, person, _ in rows],
        tracks=[str(song) for _, _, song in rows],
        first_is_a=[(person + song) % 2 == 0 for _, person, song in rows],
    )


def test_baseball_without_the_home_field_equals_bradleyterry2() -> None:
    games, theirs = baseball(), EXPECTED["baseball"]
    assert list(games.systems) == theirs["teams"]
    design = np.zeros((games.first.size, 7))
    design[np.arange(len(design)), games.first] += 1
    design[np.arange(len(design)), games.second] -= 1
    fit = fit_paired(design[:, 1:], games.ballots.score, ties="half")
    assert isinstance(fit, PairedFit)
    assert fit.parameters == pytest.approx(theirs["abilities"], abs=1e-5)
    assert fit.independent_errors == pytest.approx(theirs["errors"], abs=1e-5)


def test_the_home_field_is_half_of_the_sides_effect() -> None:
    side = ranked(baseball()).side
    assert side is not None
    assert side.value / 2 == pytest.approx(EXPECTED["baseball"]["home"], abs=1e-5)


def test_strengths_are_those_of_r_relative_to_the_average() -> None:
    raw = np.array([0.0, *EXPECTED["ranking"]["coefficients"][:3]])
    ours = {system.name: system.strength.value for system in ranked(four_systems()).systems}
    assert [ours[name] for name in SYSTEMS] == pytest.approx(raw - raw.mean(), abs=1e-5)


def test_a_difference_with_the_reference_has_rs_two_way_variance() -> None:
    difference = ranked(four_systems()).differences[0]
    assert (difference.first, difference.second) == ("a", "b")
    assert difference.log_odds.variance.used == pytest.approx(EXPECTED["ranking"]["two_way"][0], rel=1e-5)


@pytest.mark.parametrize("ties", TIE_MODELS)
def test_ranks_follow_from_the_differences_that_leave_zero_out(ties: TieModel) -> None:
    ranking = ranked(four_systems(), ties=ties)
    assert [system.name for system in ranking.systems] == ["c", "b", "a", "d"]
    for system in ranking.systems:
        sides = []
        for difference in ranking.differences:
            interval = difference.log_odds.interval
            assert interval is not None
            if system.name in (difference.first, difference.second) and not interval.low <= 0 <= interval.high:
                sides.append((difference.log_odds.value > 0) == (difference.first == system.name))
        assert (system.best_rank, system.worst_rank) == (1 + sides.count(False), 4 - sides.count(True))
    assert ranking.systems[0].worst_rank < 4


def test_joint_intervals_are_wider_than_single_ones_and_narrower_than_bonferronis() -> None:
    ranking = ranked(four_systems())
    assert ranking.joint_quantile is not None
    assert 2.14 < ranking.joint_quantile < 3.07  # t with 14 degrees of freedom: .975 and 1 - .05/12


def test_the_joint_quantile_of_independent_estimates_is_sidaks() -> None:
    expected = stats.norm.ppf((1 + 0.95 ** (1 / 5)) / 2)
    assert joint_quantile(np.eye(5), df=1_000_000, level=0.95) == pytest.approx(expected, abs=0.02)


def test_the_joint_quantile_of_one_estimate_twice_is_that_of_one() -> None:
    assert joint_quantile(np.ones((2, 2)), df=12, level=0.95) == pytest.approx(2.1788, abs=0.03)


def test_the_order_in_which_systems_are_named_changes_nothing() -> None:
    one = four_systems()
    names = ("d", "b", "a", "c")
    place = np.array([names.index(name) for name in one.systems])
    other = Comparisons(names, place[one.first], place[one.second], one.ballots)
    ours, theirs = ranked(one), ranked(other)
    assert [system.name for system in ours.systems] == [system.name for system in theirs.systems]
    for mine, yours in zip(ours.systems, theirs.systems, strict=True):
        assert mine.strength.value == pytest.approx(yours.strength.value, abs=1e-7)
        assert mine.strength.variance.used == pytest.approx(yours.strength.variance.used, rel=1e-6)


def test_giving_every_answer_three_times_changes_no_interval() -> None:
    one = four_systems()
    ballots, rows = one.ballots, np.repeat(np.arange(one.first.size), 3)
    repeated = Ballots(ballots.score[rows], ballots.participant[rows], ballots.track[rows], ballots.first_is_a[rows])
    thrice = ranked(Comparisons(one.systems, one.first[rows], one.second[rows], repeated))
    for before, after in zip(ranked(one).differences, thrice.differences, strict=True):
        assert after.log_odds.variance.used == pytest.approx(before.log_odds.variance.used, rel=1e-6)


BOTH_WAYS = (("a", "b", 1.0), ("a", "b", 0.0))


def test_systems_that_never_meet_are_named() -> None:
    assert why_not(of_pairs(*BOTH_WAYS)) == "nobody compared across these groups: a, b | c"


def test_a_system_that_never_lost_is_named() -> None:
    assert "never lost to any other: c" in why_not(of_pairs(*BOTH_WAYS, ("a", "c", 0.0)))


def test_a_tie_is_enough_to_connect() -> None:
    assert ranked(of_pairs(*BOTH_WAYS, ("a", "c", 0.5), ("b", "c", 0.0))).systems[0].name == "c"


@pytest.mark.parametrize("count", [0, 1])
def test_without_answers_or_with_one_system_there_is_nothing_to_rank(count: int) -> None:
    empty = comparisons_from_rows(SYSTEMS[: 1 + count], [], [], participants=[], tracks=[], first_is_a=[])
    assert why_not(empty) in ("one system: nothing to rank", "no answers")


def test_one_track_has_strengths_but_no_intervals_and_no_ranks_apart() -> None:
    one = four_systems()
    ballots = Ballots(
        one.ballots.score, one.ballots.participant, np.zeros_like(one.ballots.track), one.ballots.first_is_a
    )
    ranking = ranked(Comparisons(one.systems, one.first, one.second, ballots))
    assert {(system.best_rank, system.worst_rank) for system in ranking.systems} == {(1, 4)}
    assert "one track: no interval" in ranking.notes


@pytest.mark.parametrize(
    ("systems", "pair", "message"),
    [
        (("a", "b"), ("a", "x"), "unknown system 'x'"),
        (("a", "b"), ("a", "a"), "compared with itself"),
        (("a", "a"), ("a", "b"), "named twice"),
    ],
)
def test_rows_that_cannot_be_are_errors(systems: tuple[str, ...], pair: tuple[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        comparisons_from_rows(systems, [pair], [1.0], participants=["p"], tracks=["t"], first_is_a=[True])


def test_every_pair_is_reported_with_what_was_said_directly() -> None:
    one = four_systems()
    ranking = ranked(one)
    pairs = [(difference.first, difference.second) for difference in ranking.differences]
    assert pairs == list(itertools.combinations(SYSTEMS, 2))
    assert sum(difference.n_direct for difference in ranking.differences) == one.first.size
