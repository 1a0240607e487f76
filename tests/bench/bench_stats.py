"""Statistics: the numbers of a results page on a million answers, on one core."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studyweb.stats.ballots import Ballots
from studyweb.stats.differences import PairedRatings, estimate_difference
from studyweb.stats.preference import estimate_preference
from studyweb.stats.sides import report_sides
from studyweb.stats.ties import report_ties
from tests.bench.metric import Goal, Metric
from tests.bench.timing import measure_interleaved

ANSWERS, PARTICIPANTS, TRACKS = 1_000_000, 1_000, 100
GOAL_MS = 50.0
SIZE = f"{ANSWERS:,} answers, {PARTICIPANTS:,} participants, {TRACKS} tracks"


def run() -> list[Metric]:
    """All metrics of this bench."""
    ballots, ratings = _ballots(), _ratings()
    times = measure_interleaved(
        {
            "preference": lambda: estimate_preference(replace(ballots)),
            "sides": lambda: report_sides(replace(ballots)),
            "ties": lambda: report_ties(replace(ballots)),
            "all": lambda: _all_three(replace(ballots)),
            "ratings": lambda: estimate_difference(ratings),
            "mean": lambda: (ballots.score.mean(), ballots.participant.max(), ballots.track.max()),
        }
    )
    limit_ms = 1000 * times["mean"].minimum_s
    goal = Goal("ours", "at_most", GOAL_MS)
    named = {
        "preference": "preference rate and interval",
        "sides": "side balance and position effect",
        "ties": "ties and rate among the decided",
        "all": "all three",
        "ratings": "difference of one criterion's ratings",
    }
    return [
        Metric("stats", f"{what}, {SIZE}", "ms", 1000 * times[name].median_s, limit=limit_ms, goal=goal)
        for name, what in named.items()
    ]


def _all_three(ballots: Ballots) -> tuple[object, ...]:
    """What a results page asks of one pair. A fresh copy of the ballots is not counted yet."""
    return estimate_preference(ballots), report_sides(ballots), report_ties(ballots)


def _ballots() -> Ballots:
    rng = np.random.default_rng(1)
    return Ballots(
        score=rng.choice([0.0, 0.5, 1.0], ANSWERS),
        participant=rng.integers(0, PARTICIPANTS, ANSWERS).astype(np.intp),
        track=rng.integers(0, TRACKS, ANSWERS).astype(np.intp),
        first_is_a=rng.random(ANSWERS) < 0.5,
    )


def _ratings() -> PairedRatings:
    rng = np.random.default_rng(2)
    first, second = (rng.integers(1, 8, ANSWERS).astype(np.float64) for _ in range(2))
    first[rng.random(ANSWERS) < 0.03] = np.nan
    ballots = _ballots()
    return PairedRatings(first, second, ballots.participant, ballots.track)
