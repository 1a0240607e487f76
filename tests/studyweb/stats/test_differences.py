"""Within-trial differences of ratings: values by hand, and every edge said in words."""

import numpy as np
import pytest

from studyweb.stats.differences import PairedRatings, estimate_difference

NAN = float("nan")


def paired(first: list[float], second: list[float], participants: list[int], tracks: list[int]) -> PairedRatings:
    return PairedRatings(np.array(first), np.array(second), np.array(participants), np.array(tracks))


def crossed(within: np.ndarray) -> PairedRatings:
    """One trial per participant (row) and track (column), with these differences."""
    participants, tracks = np.indices(within.shape)
    first = 4.0 + within.ravel() / 2
    return PairedRatings(first, first - within.ravel(), participants.ravel(), tracks.ravel())


def test_means_and_difference_by_hand() -> None:
    estimate = estimate_difference(paired([7, 5, 6, 2], [3, 5, 2, 4], [0, 0, 1, 1], [0, 1, 0, 1]))
    assert (estimate.first_mean, estimate.second_mean) == (5.0, 3.5)
    assert estimate.difference == 1.5
    # Differences 4 0 / 4 -2, residuals 2.5 -1.5 / 2.5 -3.5. Sums: participants 1, -1; tracks 5, -5.
    # V_P = 2 * 2 / 16 = .25, V_T = 2 * 50 / 16 = 6.25, V_PT = 4/3 * 27 / 16 = 2.25; used: max(4.25, .25, 6.25).
    # t quantile of .975 with 1 degree of freedom: 12.7062.
    assert estimate.interval is not None
    assert estimate.interval.high - 1.5 == pytest.approx(12.7062 * 2.5, rel=1e-5)


def test_a_trial_in_which_one_cannot_be_told_is_counted_but_not_averaged() -> None:
    estimate = estimate_difference(paired([7, NAN, 3], [3, 5, NAN], [0, 1, 2], [0, 1, 2]))
    assert (estimate.first_n, estimate.second_n, estimate.n_trials) == (2, 2, 1)
    assert (estimate.cant_tell_first, estimate.cant_tell_second) == (1, 1)
    assert (estimate.first_mean, estimate.difference) == (5.0, 4.0)


@pytest.mark.parametrize(
    ("ratings", "note"),
    [
        (paired([], [], [], []), "nobody rated both"),
        (paired([NAN], [3], [0], [0]), "nobody rated both"),
        (paired([5, 6], [3, 3], [0, 0], [0, 1]), "one participant: no interval"),
        (paired([5, 6], [3, 3], [0, 1], [0, 0]), "one track: no interval"),
        (paired([5, 6], [3, 4], [0, 1], [0, 1]), "all differences are alike: no interval"),
    ],
)
def test_without_enough_there_is_no_interval_and_the_reason(ratings: PairedRatings, note: str) -> None:
    estimate = estimate_difference(ratings)
    assert (estimate.interval, estimate.note) == (None, note)


def test_swapping_the_systems_turns_the_interval_round() -> None:
    within = np.random.default_rng(4).integers(-6, 7, (12, 11)).astype(float)
    one, other = estimate_difference(crossed(within)), estimate_difference(crossed(-within))
    assert one.interval is not None
    assert other.interval is not None
    assert (other.interval.low, other.interval.high) == pytest.approx((-one.interval.high, -one.interval.low))


def test_below_ten_of_either_it_is_indicative() -> None:
    within = np.random.default_rng(5).integers(-6, 7, (12, 9)).astype(float)
    assert estimate_difference(crossed(within)).label == "indicative"
    assert estimate_difference(crossed(within[:, :1].repeat(10, axis=1))).label == ""
