"""The array form of the primary interval is the primary interval."""

from __future__ import annotations

import numpy as np
import pytest

from studyweb.stats.answer_model import AnswerModel, Meetings, deal_meetings, draw_scores
from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import Estimand
from studyweb.stats.many_studies import primary_intervals
from studyweb.stats.preference import estimate_preference


@pytest.mark.parametrize("estimand", ["new_participants_and_tracks", "new_participants"])
@pytest.mark.parametrize(("rate", "trials", "people"), [(0.5, 10, 12), (0.6, 3, 9), (0.95, 2, 5)])
def test_it_equals_the_estimate_of_each_study_by_itself(
    estimand: Estimand, rate: float, trials: int, people: int
) -> None:
    rng = np.random.default_rng(1)
    meetings = deal_meetings(rng.integers(1, trials + 1, people), tracks=12, rng=rng)
    scores = draw_scores(AnswerModel(rate, 0.8, 0.5, 0.08), meetings, studies=60, rng=rng)
    found = primary_intervals(scores, meetings, level=0.9, estimand=estimand)
    for study, row in enumerate(scores):
        ballots = Ballots(row, meetings.participant, meetings.track, np.arange(row.size) % 2 == 0)
        estimate = estimate_preference(ballots, estimand=estimand, level=0.9)
        assert estimate.interval is not None
        expected = (estimate.rate, estimate.interval.low, estimate.interval.high)
        assert (found.rate[study], found.low[study], found.high[study]) == pytest.approx(expected, abs=1e-12)


def test_a_study_of_ties_alone_decides_nothing() -> None:
    meetings = Meetings(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    found = primary_intervals(np.full((1, 4), 0.5), meetings, level=0.95)
    assert (found.low[0], found.high[0], found.half_width[0]) == (0.0, 1.0, 0.5)


def test_meeting_a_track_twice_is_refused() -> None:
    meetings = Meetings(np.array([0, 0, 1]), np.array([0, 0, 0]))
    with pytest.raises(ValueError, match="meets a track twice"):
        primary_intervals(np.zeros((1, 3)), meetings, level=0.95)
