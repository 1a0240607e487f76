"""The judge's statistics on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from studyweb.stats.clusters import CellSums, cluster_variance
from studyweb.stats.judge import AltTest, JudgedChoices, PoweredEstimate, alt_test, consistency, powered_estimate
from studyweb.stats.not_fitted import NotFitted


def judged(*, people: int, items: int, right: float, judge_right: float, seed: int = 1) -> JudgedChoices:
    """Everybody meets every item, each its own track; people and judge see the truth so often."""
    rng = np.random.default_rng(seed)
    truth = rng.choice([-1, 1], size=items)
    verdict = np.where(rng.random(items) < judge_right, truth, -truth)
    item, participant = np.tile(np.arange(items), people), np.repeat(np.arange(people), items)
    choice = np.where(rng.random(people * items) < right, truth[item], -truth[item])
    return JudgedChoices(choice, verdict[item], item, participant, item, verdict, np.arange(items))


def test_a_judge_that_sees_more_than_people_passes_the_alt_test() -> None:
    found = alt_test(judged(people=6, items=80, right=0.8, judge_right=0.97))
    assert isinstance(found, AltTest)
    assert found.passes
    assert found.people == 6


def test_a_judge_that_guesses_fails_it() -> None:
    found = alt_test(judged(people=6, items=80, right=0.95, judge_right=0.5))
    assert isinstance(found, AltTest)
    assert not found.passes
    assert found.winning_rate == 0.0


def test_it_is_refused_where_people_share_too_few_items() -> None:
    found = alt_test(judged(people=6, items=20, right=0.9, judge_right=0.9))
    assert isinstance(found, NotFitted)
    assert "30 items" in found.reason


def test_where_everybody_met_every_item_the_powered_rate_is_the_people_s() -> None:
    data = judged(people=5, items=40, right=0.7, judge_right=0.6)
    found = powered_estimate(data)
    assert isinstance(found, PoweredEstimate)
    scores = (data.choice + 1) / 2
    assert found.rate == pytest.approx(scores.mean())
    assert found.judge_rate == pytest.approx((data.every_verdict + 1).mean() / 2)
    # The judge's part cancels within every track, which leaves the people's own track variance.
    own = cluster_variance(
        CellSums.of(scores, data.participant, data.track),
        mean=float(scores.mean()),
        spread=float(scores.var()),
        estimand="new_participants_and_tracks",
    )
    assert found.interval is not None
    assert (found.interval.high - found.interval.low) / 2 >= 2.0 * own.track**0.5


def test_the_powered_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        people, tracks, extra = 20, 20, 60
        verdict = rng.choice([-1, 1], size=tracks + extra, p=[0.4, 0.6])
        of_track = rng.normal(0.0, 0.1, tracks)
        track, person = np.tile(np.arange(tracks), people), np.repeat(np.arange(people), tracks)
        p = np.clip(0.6 + 0.15 * (verdict[track] - 0.2) + of_track[track] + rng.normal(0, 0.1, people)[person], 0, 1)
        choice = np.where(rng.random(track.size) < p, 1, -1)
        data = JudgedChoices(choice, verdict[track], track, person, track, verdict, np.arange(tracks + extra))
        found = powered_estimate(data)
        assert isinstance(found, PoweredEstimate)
        assert found.interval is not None
        held += found.interval.low <= 0.6 <= found.interval.high
    assert held >= 180


def test_consistency_is_clustered_by_track() -> None:
    rate, interval = consistency([(1, 1), (1, -1), (0, 0), (1, 0)], [7, 7, 9, 9])
    assert rate == 0.5
    assert interval is None
    rate, interval = consistency([(1, 1), (1, 1), (0, 1), (1, 0)], [7, 7, 9, 9])
    assert interval is not None
    assert (interval.low, interval.high) == (0.0, 1.0)
