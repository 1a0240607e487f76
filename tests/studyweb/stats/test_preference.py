"""The primary estimate: values by hand and by statsmodels' formulas, edge cases with their written rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.stats.ballots import Ballots, ballots_from_rows
from studyweb.stats.preference import estimate_preference


def crossed(scores: np.ndarray) -> Ballots:
    """One answer per participant (row) and track (column)."""
    participants, tracks = np.indices(scores.shape)
    return Ballots(
        score=scores.ravel().astype(float),
        participant=participants.ravel(),
        track=tracks.ravel(),
        first_is_a=np.arange(scores.size) % 2 == 0,
    )


def direct_variance(scores: np.ndarray) -> tuple[float, float, float]:
    """V_P, V_T, V_PT written out with loops, each with its own G/(G-1)."""
    residual = scores - scores.mean()
    n = scores.size
    rows, columns = scores.shape
    by_row = sum(sum(residual[p, t] for t in range(columns)) ** 2 for p in range(rows))
    by_column = sum(sum(residual[p, t] for p in range(rows)) ** 2 for t in range(columns))
    by_cell = sum(residual[p, t] ** 2 for p in range(rows) for t in range(columns))
    return (
        rows / (rows - 1) * by_row / n**2,
        columns / (columns - 1) * by_column / n**2,
        n / (n - 1) * by_cell / n**2,
    )


def random_scores(seed: int, participants: int = 12, tracks: int = 11) -> np.ndarray:
    rng = np.random.default_rng(seed)
    logit = rng.normal(0, 1, (participants, 1)) + rng.normal(0, 0.7, (1, tracks))
    return (rng.random((participants, tracks)) < 1 / (1 + np.exp(-logit))).astype(float)


def test_variance_terms_equal_the_written_out_sums():
    scores = random_scores(1)
    variance = estimate_preference(crossed(scores)).variance
    assert (variance.participant, variance.track, variance.cell) == pytest.approx(direct_variance(scores), rel=1e-12)


def test_interval_is_t_on_the_smaller_number_of_clusters():
    scores = random_scores(2)
    estimate = estimate_preference(crossed(scores))
    by_participant, by_track, by_cell = direct_variance(scores)
    used = max(by_participant + by_track - by_cell, by_participant, by_track)
    # t quantile of .975 with 10 degrees of freedom, from a printed table
    assert estimate.interval.high - estimate.rate == pytest.approx(2.228139 * used**0.5, rel=1e-6)


def test_one_participant_gets_no_interval_and_the_reason():
    estimate = estimate_preference(crossed(random_scores(3, participants=1)))
    assert estimate.interval is None
    assert estimate.notes == ("one participant: no interval",)


def test_one_track_gets_no_interval_for_new_tracks():
    ballots = crossed(random_scores(4, tracks=1))
    assert estimate_preference(ballots).notes == ("one track: no interval",)
    assert estimate_preference(ballots, estimand="new_participants").interval is not None


def test_no_answers_is_said_in_words():
    estimate = estimate_preference(ballots_from_rows([], [], [], []))
    assert estimate.rate is None
    assert estimate.notes == ("no answers yet",)


def test_all_alike_falls_back_to_the_exact_binomial_on_participants():
    estimate = estimate_preference(crossed(np.ones((12, 5))))
    assert estimate.label == "degenerate"
    assert estimate.rate == 1.0
    # 12 of 12: (alpha/2)^(1/12), Clopper & Pearson
    assert estimate.interval.low == pytest.approx(0.025 ** (1 / 12), rel=1e-9)
    assert estimate.interval.high == 1.0


def test_ties_only_has_no_interval():
    estimate = estimate_preference(crossed(np.full((12, 5), 0.5)))
    assert estimate.interval is None
    assert estimate.label == "degenerate"


def test_a_checkerboard_never_gets_a_zero_width_interval():
    scores = np.indices((12, 12)).sum(axis=0) % 2
    estimate = estimate_preference(crossed(scores))
    assert estimate.variance.rule == "cell floor"
    assert estimate.interval.high - estimate.interval.low > 0.1


@pytest.mark.parametrize("estimand", ["new_participants_and_tracks", "new_participants"])
def test_opposite_answers_within_every_cell_never_get_a_zero_width_interval(estimand):
    ballots = ballots_from_rows([1, 0] * 4, ["a", "a", "b", "b"] * 2, ["x"] * 4 + ["y"] * 4, [True] * 8)
    estimate = estimate_preference(ballots, estimand=estimand)
    assert estimate.interval.low < 0.5 < estimate.interval.high
    assert estimate.variance.rule == "answer floor"
    assert "the variance guard acted: answer floor" in estimate.notes


def test_below_ten_tracks_is_indicative_with_both_simple_intervals_beside():
    estimate = estimate_preference(crossed(random_scores(5, participants=14, tracks=8)))
    assert estimate.label == "indicative"
    assert estimate.participant_interval is not None
    assert estimate.track_interval is not None


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_swapping_the_systems_mirrors_the_interval(seed):
    scores = random_scores(seed)
    estimate, mirrored = estimate_preference(crossed(scores)), estimate_preference(crossed(1 - scores))
    assert mirrored.rate == pytest.approx(1 - estimate.rate)
    if estimate.interval is not None:
        assert mirrored.interval.low == pytest.approx(1 - estimate.interval.high)


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_row_order_and_labels_change_nothing(seed):
    ballots = crossed(random_scores(seed))
    order = np.random.default_rng(seed).permutation(ballots.n_answers)
    renamed = ballots_from_rows(
        list(ballots.score[order]),
        [f"x{7 * code % 101}" for code in ballots.participant[order]],
        [f"y{5 * code % 103}" for code in ballots.track[order]],
        list(ballots.first_is_a[order]),
    )
    one, other = estimate_preference(ballots), estimate_preference(renamed)
    assert other.variance.used == pytest.approx(one.variance.used)


def test_repeating_one_participants_rows_does_not_narrow_the_interval():
    scores = random_scores(6)
    once = crossed(scores)
    heavy = np.concatenate([np.arange(once.n_answers), np.repeat(np.flatnonzero(once.participant == 0), 10)])
    repeated = Ballots(once.score[heavy], once.participant[heavy], once.track[heavy], once.first_is_a[heavy])
    width = lambda e: e.interval.high - e.interval.low  # noqa: E731
    assert width(estimate_preference(repeated)) >= width(estimate_preference(once))


def test_an_interval_near_the_edge_stays_inside():
    scores = np.ones((12, 12))
    scores[0, :3] = 0
    interval = estimate_preference(crossed(scores)).interval
    assert 0 < interval.low < interval.high < 1
    assert "logit" in interval.method
