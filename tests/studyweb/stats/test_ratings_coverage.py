"""Simulated studies in short: do intervals over ratings, criteria and agreement hold as often as they claim?

Figures of more runs are in docs/statistics.md. Bounds are three binomial standard errors wide.
"""

from __future__ import annotations

import math

import numpy as np

from studyweb.stats.agreement import AgreementReport, Judgements, report_agreement
from studyweb.stats.ballots import Ballots
from studyweb.stats.cumulative_logit import RatingModel, fit_rating_model
from studyweb.stats.differences import PairedRatings, estimate_difference
from studyweb.stats.equivalence import EquivalenceTest, equivalence_of
from studyweb.stats.multiplicity import judge_together
from studyweb.stats.preference import estimate_preference

PEOPLE, TRACKS, TRIALS = 24, 24, 12
BOTH = "new_participants_and_tracks"


def at_least(rate: float, runs: int) -> float:
    return rate - 3 * math.sqrt(rate * (1 - rate) / runs)


def at_most(rate: float, runs: int) -> float:
    return rate + 3 * math.sqrt(rate * (1 - rate) / runs)


def met(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Who judged which track: everybody twelve of twenty-four."""
    people = np.repeat(np.arange(PEOPLE), TRIALS)
    return people, np.concatenate([draw.permutation(TRACKS)[:TRIALS] for _ in range(PEOPLE)])


def pulls(draw: np.random.Generator, people: np.ndarray, tracks: np.ndarray, *, sd: float) -> np.ndarray:
    """How far people and tracks lean to the first system; nobody on average."""
    return np.asarray(draw.normal(0, sd, PEOPLE)[people] + draw.normal(0, sd, TRACKS)[tracks])


def test_intervals_of_four_criteria_hold_together_where_single_ones_do_not() -> None:
    runs, together, alone, rejected = 150, 0, 0, 0
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        people, tracks = met(draw)
        shared = pulls(draw, people, tracks, sd=0.3)
        family = {}
        for name in "abcd":
            lean = shared + pulls(draw, people, tracks, sd=0.3)
            differences = np.round(lean + draw.normal(0, 1.5, people.size))
            family[name] = PairedRatings(4 + differences, np.full(people.size, 4.0), people, tracks)
        judged = judge_together(family, estimand=BOTH, level=0.95)
        intervals = [each.interval for each in judged.values()]
        together += all(each is not None and each.low <= 0 <= each.high for each in intervals)
        own = [estimate_difference(each).interval for each in family.values()]
        alone += all(each is not None and each.low <= 0 <= each.high for each in own)
        rejected += any((each.adjusted_p or 0) < 0.05 for each in judged.values())
    assert together / runs >= at_least(0.95, runs)
    assert alone / runs < at_least(0.95, runs)
    assert rejected / runs <= at_most(0.05, runs)


def test_the_ordinal_model_holds_where_people_and_tracks_differ_in_what_they_prefer() -> None:
    runs, covered = 30, 0
    cuts = np.array([-1.0, 1.0])
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        people, tracks = met(draw)
        habit, lean = draw.normal(size=PEOPLE)[people], pulls(draw, people, tracks, sd=0.7)
        first, second = (
            np.digitize(habit + way * lean / 2 + draw.logistic(size=people.size), cuts) + 1.0 for way in (1, -1)
        )
        model = fit_rating_model(PairedRatings(first, second, people, tracks), draw.random(people.size) < 0.5)
        assert isinstance(model, RatingModel)
        covered += model.typical.interval.low <= 0 <= model.typical.interval.high
    assert covered / runs >= at_least(0.95, runs)


def test_alpha_of_people_whose_answers_have_nothing_in_common_is_covered() -> None:
    runs, covered = 150, 0
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        people, tracks = met(draw)
        report = report_agreement(Judgements(draw.integers(0, 3, people.size), tracks, people, tracks, 3))
        assert isinstance(report, AgreementReport)
        interval = report.coefficients["alpha_nominal"].interval
        assert interval is not None
        covered += interval.low <= 0 <= interval.high
    assert covered / runs >= at_least(0.95, runs)


def test_a_rate_at_the_margin_is_seldom_called_equivalent() -> None:
    runs, found = 300, 0
    for seed in range(runs):
        draw = np.random.default_rng(seed)
        people, tracks = met(draw)
        # On average .60 with people and tracks that differ by .1 each.
        rates = np.clip(0.6 + pulls(draw, people, tracks, sd=0.1), 0.05, 1.0)
        score = (draw.random(people.size) < rates).astype(np.float64)
        estimate = estimate_preference(Ballots(score, people, tracks, np.ones(score.size, dtype=np.bool_)))
        tested = equivalence_of(estimate, margin=0.1, level=0.95)
        assert isinstance(tested, EquivalenceTest)
        found += tested.is_equivalent
    assert found / runs <= at_most(0.05, runs)
