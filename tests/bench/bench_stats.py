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

PARTICIPANTS, TRACKS = 1_000, 100
GOAL_ANSWERS, GOAL_MS = 1_000_000, 50.0


def run(answers: int = GOAL_ANSWERS) -> list[Metric]:
    """All metrics of this bench."""
    size = f"{answers:,} answers, {PARTICIPANTS:,} participants, {TRACKS} tracks"
    too_few = "" if answers >= GOAL_ANSWERS else f"{answers:,} answers; the goal speaks of {GOAL_ANSWERS:,}"
    ballots, ratings = _ballots(answers), _ratings(answers)
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
    limit_ms = 1000 * times["mean"].median_s
    goal = Goal("ours", "at_most", GOAL_MS)
    named = {
        "preference": "preference rate and interval",
        "sides": "side balance and position effect",
        "ties": "ties and rate among the decided",
        "all": "all three",
        "ratings": "difference of one criterion's ratings",
    }
    return [
        Metric(
            "stats",
            f"{what}, {size}",
            "ms",
            1000 * times[name].median_s,
            limit=limit_ms,
            goal=goal,
            ours_best=1000 * times[name].minimum_s,
            settles=not too_few,
            why=too_few,
        )
        for name, what in named.items()
    ]


def _all_three(ballots: Ballots) -> tuple[object, ...]:
    """What a results page asks of one pair. A fresh copy of the ballots is not counted yet."""
    return estimate_preference(ballots), report_sides(ballots), report_ties(ballots)


def _ballots(answers: int) -> Ballots:
    rng = np.random.default_rng(1)
    return Ballots(
        score=rng.choice([0.0, 0.5, 1.0], answers),
        participant=rng.integers(0, PARTICIPANTS, answers).astype(np.intp),
        track=rng.integers(0, TRACKS, answers).astype(np.intp),
        first_is_a=rng.random(answers) < 0.5,
    )


def _ratings(answers: int) -> PairedRatings:
    rng = np.random.default_rng(2)
    first, second = (rng.integers(1, 8, answers).astype(np.float64) for _ in range(2))
    first[rng.random(answers) < 0.03] = np.nan
    ballots = _ballots(answers)
    return PairedRatings(first, second, ballots.participant, ballots.track)
