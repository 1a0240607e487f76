"""What a judge's verdicts are worth beside people's choices; the two are compared and never pooled.

Agreement is counted over pairs of one person's choice and the verdict on the same two advices, with the jackknife by
participant and track of agreement.py. The alt-test asks whether the judge could stand in for one of the people
(Calderon, Reichart & Dror 2025, arXiv 2501.10970). The prediction-powered estimate (Angelopoulos et al. 2023, Science
382) is the judge's mean over all items plus people's mean difference from it where both spoke.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from studyweb.stats.agreement import AgreementReport, Judgements, report_agreement
from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted

LEAST_ITEMS = 30
"""Fewer items that a person shares with others say nothing about the alt-test (its authors' figure)."""
LEAST_PEOPLE = 3
EPSILON = 0.2
"""What a person costs more than a judge, in the alt-test: its authors' figure for experts."""
FALSE_DISCOVERY = 0.05


@dataclass(frozen=True)
class JudgedChoices:
    """People's choices beside a judge's verdicts on one pair of systems.

    choice, verdict: [n] -1 (second system), 0 (neither), 1 (first system); item, participant, track: [n] codes from 0.
    every_verdict, every_track: [m] of every judged item, chosen on or not; the tracks' codes are those of `track`.
    """

    choice: IntArray
    verdict: IntArray
    item: IntArray
    participant: IntArray
    track: IntArray
    every_verdict: IntArray
    every_track: IntArray


@dataclass(frozen=True)
class AltTest:
    """The share of people whom the judge can stand in for, and its mean advantage."""

    winning_rate: float
    judge_advantage: float
    """Mean probability over people that the judge agrees with the others at least as well as the person."""
    people: int
    epsilon: float

    @property
    def passes(self) -> bool:
        """Whether it can stand in for at least half of them."""
        return self.winning_rate >= 0.5


@dataclass(frozen=True)
class PoweredEstimate:
    """The preference for the first system, ties as half, from people's choices and all verdicts."""

    rate: float
    judge_rate: float
    interval: Interval | None
    note: str
    """Why there is no interval; else empty."""


@dataclass(frozen=True)
class JudgeReport:
    """A judge beside people, for one pair of systems."""

    with_ties: AgreementReport | NotFitted
    without_ties: AgreementReport | NotFitted
    alt_test: AltTest | NotFitted
    powered: PoweredEstimate | NotFitted
    n_choices: int
    n_items: int


def report_judge(judged: JudgedChoices, *, level: float = 0.95) -> JudgeReport:
    """Everything about one pair; what cannot be computed says why."""
    decided = (judged.choice != 0) & (judged.verdict != 0)
    return JudgeReport(
        with_ties=_agreement(judged, np.ones(judged.choice.size, dtype=np.bool_), categories=3, level=level),
        without_ties=_agreement(judged, decided, categories=2, level=level),
        alt_test=alt_test(judged),
        powered=powered_estimate(judged, level=level),
        n_choices=int(judged.choice.size),
        n_items=int(judged.every_verdict.size),
    )


def _agreement(
    judged: JudgedChoices, rows: np.ndarray[tuple[int], np.dtype[np.bool_]], *, categories: int, level: float
) -> AgreementReport | NotFitted:
    """Each choice is a unit that two judged; leaving out its person or track leaves out the unit."""
    n = int(rows.sum())
    if n == 0:
        return NotFitted("no choice stands beside a verdict")
    both = np.concatenate([judged.choice[rows], judged.verdict[rows]])
    return report_agreement(
        Judgements(
            category=both + 1 if categories == 3 else (both > 0).astype(np.intp),
            unit=np.tile(np.arange(n), 2),
            participant=dense_codes(np.tile(judged.participant[rows], 2)),
            track=dense_codes(np.tile(judged.track[rows], 2)),
            n_categories=categories,
        ),
        level=level,
    )


def consistency(winners: Sequence[tuple[int, int]], tracks: Sequence[int]) -> tuple[float, Interval | None]:
    """(Share of items on which both orders say the same, its t interval clustered by track where there is one)."""
    same = np.array([one == other for one, other in winners], dtype=np.float64)
    rate = float(same.mean())
    residual = np.bincount(dense_codes(np.asarray(tracks, dtype=np.intp)), weights=same - rate)
    variance = _one_way(residual / same.size)
    if residual.size < 2 or not variance > 0.0:
        return rate, None
    reach = float(stats.t.ppf(0.975, residual.size - 1)) * math.sqrt(variance)
    return rate, Interval(max(0.0, rate - reach), min(1.0, rate + reach), 0.95, "clustered by track")


def alt_test(judged: JudgedChoices) -> AltTest | NotFitted:
    """Whether the judge agrees with the others at least as well as each person left out does.

    One-sided t-tests by person on differences summed by track, Benjamini-Yekutieli over people. Refused where fewer
    than LEAST_PEOPLE people share LEAST_ITEMS items with somebody else.
    """
    counts = np.zeros((int(judged.item.max(initial=0)) + 1, 3))
    np.add.at(counts, (judged.item, judged.choice + 1), 1.0)
    others = counts[judged.item].copy()
    others[np.arange(judged.choice.size), judged.choice + 1] -= 1.0
    of_judge = np.take_along_axis(others, judged.verdict[:, None] + 1, axis=1)[:, 0]
    of_person = np.take_along_axis(others, judged.choice[:, None] + 1, axis=1)[:, 0]
    lead = (of_person >= of_judge).astype(np.float64) - (of_judge >= of_person)
    shared = others.sum(axis=1) > 0
    p_values, advantages = [], []
    for person in np.unique(judged.participant):
        rows = shared & (judged.participant == person)
        if rows.sum() >= LEAST_ITEMS and np.unique(judged.track[rows]).size >= 2:
            p_values.append(_p_below_epsilon(lead[rows], judged.track[rows]))
            advantages.append(float((of_judge >= of_person)[rows].mean()))
    if len(p_values) < LEAST_PEOPLE:
        return NotFitted(
            f"the alt-test needs {LEAST_PEOPLE} people who each chose on {LEAST_ITEMS} items that others chose on too; "
            f"there are {len(p_values)}"
        )
    won = float(_rejected(np.array(p_values)).mean())
    return AltTest(won, float(np.mean(advantages)), len(p_values), EPSILON)


def _p_below_epsilon(lead: FloatArray, track: IntArray) -> float:
    """P of the hypothesis that the person leads the judge by EPSILON or more."""
    mean = float(lead.mean())
    residual = np.bincount(dense_codes(track), weights=lead - mean) / lead.size
    variance = _one_way(residual)
    if not variance > 0.0:
        return 0.0 if mean < EPSILON else 1.0
    return float(stats.t.cdf((mean - EPSILON) / math.sqrt(variance), residual.size - 1))


def _rejected(p_values: FloatArray) -> FloatArray:
    adjusted: FloatArray = stats.false_discovery_control(p_values, method="by")
    return (adjusted <= FALSE_DISCOVERY).astype(np.float64)


def powered_estimate(judged: JudgedChoices, *, level: float = 0.95) -> PoweredEstimate | NotFitted:
    """The judge's mean over all items plus people's mean difference from it; two-way clustered.

    A track's part in both means is added up before it is squared, because the same tracks are in both.
    """
    if not judged.choice.size:
        return NotFitted("no choice stands beside a verdict")
    every, gap = (judged.every_verdict + 1) / 2, (judged.choice - judged.verdict) / 2
    judge_rate = float(every.mean())
    rate = judge_rate + float(gap.mean())
    n_tracks = int(max(judged.every_track.max(), judged.track.max())) + 1
    part = (gap - gap.mean()) / gap.size
    of_track = _summed(judged.track, part, groups=n_tracks)
    of_track += _summed(judged.every_track, (every - judge_rate) / every.size, groups=n_tracks)
    people = int(judged.participant.max()) + 1
    if people < 2 or n_tracks < 2:
        return PoweredEstimate(rate, judge_rate, None, "one participant or one track: no interval")
    by_person = _one_way(_summed(judged.participant, part))
    by_cell = _one_way(_summed(dense_codes(judged.participant * n_tracks + judged.track), part))
    by_track = _one_way(of_track)
    variance = max(by_person + by_track - by_cell, by_person, by_track)
    reach = float(stats.t.ppf(0.5 + level / 2, min(people, n_tracks) - 1)) * math.sqrt(variance)
    return PoweredEstimate(
        rate,
        judge_rate,
        Interval(max(0.0, rate - reach), min(1.0, rate + reach), level, "clustered by participant and track"),
        "",
    )


def _summed(codes: IntArray, values: FloatArray, *, groups: int = 0) -> FloatArray:
    return np.bincount(codes, weights=values, minlength=groups).astype(np.float64)


def _one_way(sums: FloatArray) -> float:
    groups = sums.size
    return groups / (groups - 1) * float(sums @ sums) if groups > 1 else 0.0
