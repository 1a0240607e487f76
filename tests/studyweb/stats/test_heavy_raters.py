"""Few people with many answers are noticed, and two other intervals stand beside the primary."""

import numpy as np
import pytest

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import CellSums
from studyweb.stats.heavy_raters import HeavyRaterReport, jackknife_variance, report_heavy_raters, weighed_alike
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import estimate_preference
from studyweb.stats.sensitivity import estimate_without
from tests.studyweb.stats.test_mixed_logit import ballots_of

BOTH = "new_participants_and_tracks"


def report(ballots: Ballots) -> HeavyRaterReport:
    found = report_heavy_raters(ballots)
    assert isinstance(found, HeavyRaterReport)
    return found


def heavy(*, busy: int = 2, people: int = 20, tracks: int = 16) -> Ballots:
    """`busy` people judge every track, the others two."""
    rng = np.random.default_rng(4)
    counts = [tracks] * busy + [2] * (people - busy)
    participant = np.repeat(np.arange(people), counts)
    track = np.concatenate([rng.choice(tracks, count, replace=False) for count in counts])
    return Ballots((rng.random(track.size) < 0.6).astype(float), participant, track, rng.random(track.size) < 0.5)


def test_leaving_out_one_participant_at_a_time_is_done_by_hand() -> None:
    ballots = ballots_of("uneven")
    rates = [ballots.score[ballots.participant != person].mean() for person in range(20)]
    expected = 19 / 20 * sum((rate - ballots.score.mean()) ** 2 for rate in rates)
    cells = CellSums.of(ballots.score, ballots.participant, ballots.track)
    assert jackknife_variance(cells, estimand="new_participants") == pytest.approx(expected)


def test_with_equal_numbers_of_answers_the_jackknife_is_the_usual_variance() -> None:
    ballots = ballots_of("even")
    cells = ballots.tally.of_first_system.cells()
    variance = estimate_preference(ballots, estimand="new_participants").variance
    assert variance is not None
    assert jackknife_variance(cells, estimand="new_participants") == pytest.approx(variance.participant)
    assert report(ballots).effective_participants == pytest.approx(24)
    assert report(ballots).note == ""


def test_few_people_with_most_answers_are_noticed_and_widen_the_jackknifes_interval() -> None:
    found, primary = report(heavy()), estimate_preference(heavy()).interval
    assert found.largest_share == pytest.approx(16 / 68)
    assert found.effective_participants < 10
    assert "20 people weigh like" in found.note
    assert found.jackknife_interval is not None
    assert primary is not None
    assert found.jackknife_interval.high - found.jackknife_interval.low > primary.high - primary.low


def test_people_weighed_alike_is_the_mean_of_their_means() -> None:
    estimate = estimate_preference(heavy())
    assert report(heavy()).weighted_rate == pytest.approx(estimate.participant_weighted_rate)


def test_weighing_alike_changes_nothing_where_everybody_answers_equally_often() -> None:
    ballots = ballots_of("even")
    cells = ballots.tally.of_first_system.cells()
    assert weighed_alike(cells).total == pytest.approx(cells.total)
    primary, weighted = estimate_preference(ballots).interval, report(ballots).weighted_interval
    assert primary is not None
    assert weighted is not None
    assert weighted.low == pytest.approx(primary.low)


@pytest.mark.parametrize(("scores", "note"), [(np.ones(8), "alike"), (np.full(8, 0.5), "alike")])
def test_answers_that_are_all_alike_have_no_interval(scores: np.ndarray, note: str) -> None:
    ballots = Ballots(scores, np.arange(8) // 2, np.arange(8) % 4, np.arange(8) % 2 == 0)
    found = report(ballots)
    assert note in found.note
    assert found.jackknife_interval is None


def test_one_participant_has_no_interval_and_nobody_no_report() -> None:
    alone = Ballots(np.array([1.0, 0.0]), np.zeros(2, int), np.arange(2), np.array([True, False]))
    assert report(alone).note == "one participant: no interval"
    assert isinstance(report_heavy_raters(alone.subset(np.zeros(2, bool))), NotFitted)


def test_sensitivity_lists_everything_first_and_the_change_of_each_set_left_out() -> None:
    ballots = ballots_of("ties")
    failed = np.isin(ballots.participant, (1, 5))
    lines = estimate_without(ballots, {"people who failed a check": failed, "ties": ballots.score == 0.5})
    assert [line.left_out for line in lines] == ["nothing", "people who failed a check", "ties"]
    assert lines[1].n_left_out == failed.sum()
    assert lines[1].estimate.n_participants == 22
    assert lines[1].change == pytest.approx(ballots.score[~failed].mean() - ballots.score.mean())


def test_leaving_out_everything_leaves_no_rate_and_no_change() -> None:
    ballots = ballots_of("ties")
    last = estimate_without(ballots, {"all": np.ones(ballots.n_answers, bool)})[-1]
    assert last.estimate.rate is None
    assert last.change is None


def test_rows_of_another_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="checks: 3 rows for 240 answers"):
        estimate_without(ballots_of("ties"), {"checks": np.ones(3, bool)})
