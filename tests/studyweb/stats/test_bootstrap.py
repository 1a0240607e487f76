"""Two-way bootstrap draws: by theory, joint, repeatable, and refused where there is nothing to draw."""

from __future__ import annotations

import numpy as np
import pytest

from studyweb.stats.bootstrap import bootstrap_means
from studyweb.stats.clusters import CellSums, cluster_variance


def cells(seed: int = 1, *, people: int = 40, tracks: int = 30, sd: float = 1.0) -> CellSums:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, sd, (people, 1)) + rng.normal(0, sd, (1, tracks)) + rng.normal(0, 1, (people, tracks))
    return CellSums(values, np.ones((people, tracks)))


def test_where_clusters_rule_it_is_nearly_the_two_way_variance() -> None:
    sums = cells()
    mean = float(sums.total.mean())
    analytic = cluster_variance(
        sums, mean=mean, spread=float(sums.total.var()), estimand="new_participants_and_tracks"
    ).used
    found = bootstrap_means([sums], draws=4_000)
    # Owen & Eckles: conservative by about the variance of single cells, which is small here.
    assert 0.9 * analytic < found.standard_errors[0] ** 2 < 1.3 * analytic
    low, high = found.interval(level=0.95)
    assert low < mean < high


def test_without_clusters_it_is_conservative_by_at_most_what_theory_says() -> None:
    sums = cells(people=60, tracks=60, sd=0.0)
    plain = float(sums.total.var()) / 3_600
    assert 1.5 * plain < bootstrap_means([sums], draws=4_000).standard_errors[0] ** 2 < 4.5 * plain


def test_draws_of_several_means_belong_together() -> None:
    sums = cells()
    opposite = CellSums(-sums.total, sums.count)
    found = bootstrap_means([sums, opposite, cells(seed=2)], draws=500)
    assert found.draws[:, 0] == pytest.approx(-found.draws[:, 1], abs=1e-5)
    assert found.means[0] == pytest.approx(-found.means[1])


def test_the_joint_factor_grows_with_the_number_of_different_means_and_not_with_copies() -> None:
    several = [cells(seed=seed) for seed in range(5)]
    one, copies, different = (
        bootstrap_means(sums, draws=3_000).simultaneous_factor() for sums in (several[:1], [several[0]] * 5, several)
    )
    assert one == pytest.approx(copies)
    assert 1.7 < one < different < 3.2


def test_the_same_seed_gives_the_same_draws() -> None:
    one, again, other = (bootstrap_means([cells()], draws=50, seed=seed).draws for seed in (7, 7, 8))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_a_mean_that_cannot_vary_has_draws_without_spread() -> None:
    still = CellSums(np.ones((5, 4)), np.ones((5, 4)))
    found = bootstrap_means([still], draws=100)
    assert found.standard_errors[0] < 1e-6
    assert found.interval() == pytest.approx((1.0, 1.0))


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [cells(people=1)],
        [cells(tracks=1)],
        [cells(people=5), cells(people=6)],
        [CellSums(np.zeros((3, 3)), np.zeros((3, 3)))],
    ],
)
def test_what_has_no_draws_is_refused(wrong: list[CellSums]) -> None:
    with pytest.raises(ValueError, match=r"bootstrap needs|without rows"):
        bootstrap_means(wrong)
