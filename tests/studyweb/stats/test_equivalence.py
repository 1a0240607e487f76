"""Two one-sided tests against SciPy's plain t tests on people's means, and refusals."""

import numpy as np
import pytest
from scipy import stats

from studyweb.stats.ballots import Ballots, ballots_from_rows
from studyweb.stats.equivalence import EquivalenceTest, equivalence_of
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import estimate_preference


def everybody_on_every_track(seed: int, *, people: int = 30, tracks: int = 12) -> Ballots:
    scores = np.random.default_rng(seed).choice([0, 0.5, 1], size=people * tracks)
    person, track = (codes.reshape(-1).astype(str) for codes in np.indices((people, tracks)))
    return ballots_from_rows(list(scores), list(person), list(track), [True] * scores.size)


@pytest.mark.parametrize("margin", [0.02, 0.1])
def test_both_tests_equal_t_tests_on_the_means_of_people_who_judged_alike_often(margin: float) -> None:
    ballots = everybody_on_every_track(3)
    found = equivalence_of(estimate_preference(ballots, estimand="new_participants"), margin=margin, level=0.95)
    means = ballots.score.reshape(30, 12).mean(axis=1)
    lower = stats.ttest_1samp(means, 0.5 - margin, alternative="greater").pvalue
    upper = stats.ttest_1samp(means, 0.5 + margin, alternative="less").pvalue
    assert isinstance(found, EquivalenceTest)
    assert found.p_value == pytest.approx(max(lower, upper))
    theirs = stats.ttest_1samp(means, 0.5).confidence_interval(0.9)
    assert (found.interval.low, found.interval.high) == pytest.approx((theirs.low, theirs.high))
    assert found.is_equivalent == (0.5 - margin < theirs.low and theirs.high < 0.5 + margin)


def test_the_two_way_variance_makes_it_harder() -> None:
    ballots = everybody_on_every_track(3)
    one_way, two_way = (
        equivalence_of(estimate_preference(ballots, estimand=estimand), margin=0.1, level=0.95)
        for estimand in ("new_participants", "new_participants_and_tracks")
    )
    assert isinstance(one_way, EquivalenceTest)
    assert isinstance(two_way, EquivalenceTest)
    assert one_way.p_value < two_way.p_value


def test_a_rate_outside_the_margin_is_never_equivalent() -> None:
    ballots = ballots_from_rows([1, 1, 0, 1, 1, 1, 1, 0.5], list("aabbccdd"), list("xyxyxyxy"), [True] * 8)
    found = equivalence_of(estimate_preference(ballots), margin=0.1, level=0.95)
    assert isinstance(found, EquivalenceTest)
    assert found.p_value > 0.5
    assert not found.is_equivalent


@pytest.mark.parametrize(
    "scores, reason",
    [
        ([], "no answers yet"),
        ([0.5, 0.5, 0.5, 0.5], "every answer is no preference: no interval"),
        ([1, 1, 1, 1], "all answers are alike: nothing to test with"),
    ],
)
def test_what_cannot_be_tested_says_why(scores: list[float], reason: str) -> None:
    size = len(scores)
    ballots = ballots_from_rows(scores, list("aabb")[:size], list("xyxy")[:size], [True] * size)
    assert equivalence_of(estimate_preference(ballots), margin=0.1, level=0.95) == NotFitted(reason)


@pytest.mark.parametrize("margin", [0.0, 0.5, -0.1])
def test_a_margin_that_means_nothing_is_refused(margin: float) -> None:
    estimate = estimate_preference(everybody_on_every_track(1))
    with pytest.raises(ValueError, match=r"between 0 and 0\.5"):
        equivalence_of(estimate, margin=margin, level=0.95)
