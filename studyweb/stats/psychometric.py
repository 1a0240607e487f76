"""How small a disturbance producers hear: how often the right advice wins against none, over the size in dB.

P(x) = 1/2 + (1/2 - lapse) F(b0 + b1 log x) with the logistic F: at 0 dB nobody can know, and even the largest is missed
now and then. Guess and lapse as in Wichmann & Hill 2001 ("The psychometric function: I"); the lapse is fixed, because
one or two checks a person cannot estimate it. A tie is half right. The quasi-likelihood's score equations are solved by
Fisher's scoring; the covariance is clustered by participant, and the threshold's interval is Fieller's on log dB.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit, logit

from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.intervals import Interval
from studyweb.stats.joint import two_way_covariance
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.zero_of_a_line import FLAT, where_line_is

GUESS = 0.5
LAPSE = 0.02
AT = 0.75
"""Half-way between chance and always."""
STEEPEST = 20.0
MOST_STEPS = 100
TOLERANCE = 1e-9
_START_SLOPES = (0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class PsychometricCurve:
    """A fitted curve over the size of the disturbance in dB."""

    intercept: float
    slope: float
    """Per unit of the natural logarithm of dB."""
    covariance: FloatArray
    """[2, 2], clustered by participant."""
    threshold_db: float
    """Size at which three of four choices are right."""
    interval: Interval | None
    """Of the threshold, in dB."""
    n_answers: int
    n_participants: int
    smallest_db: float
    largest_db: float
    notes: tuple[str, ...]

    def share(self, size_db: FloatArray) -> FloatArray:
        """The fitted share of right choices at sizes above 0 dB."""
        return _share(np.array([self.intercept, self.slope]), np.log(size_db))[0]


def fit_psychometric_curve(
    size_db: FloatArray, score: FloatArray, participant: IntArray, *, level: float = 0.95
) -> PsychometricCurve | NotFitted:
    """The curve through scores (1 right, 1/2 tie, 0 wrong) [n] over sizes above 0 dB [n], or why there is none."""
    if reason := _why_not(size_db, score):
        return NotFitted(reason)
    x, people = np.log(size_db), dense_codes(participant)
    found = _most_likely(x, score)
    if found is None or not 0.0 < found[1] < STEEPEST:
        return NotFitted(_no_curve(score, flat=found is not None and found[1] <= 0.0))
    covariance = _covariance(found, x, score, people)
    clusters = int(people.max()) + 1
    quantile = float(stats.t.ppf(0.5 + level / 2, clusters - 1)) if clusters > 1 else 0.0
    target = float(logit((AT - GUESS) / (1.0 - GUESS - LAPSE)))
    log_db, interval = where_line_is(target, found, covariance, quantile=quantile, level=level)
    if clusters < 2:
        interval = None
    threshold = math.exp(min(log_db, 10.0))
    return PsychometricCurve(
        intercept=float(found[0]),
        slope=float(found[1]),
        covariance=covariance,
        threshold_db=threshold,
        interval=interval and _in_db(interval, clusters),
        n_answers=score.size,
        n_participants=clusters,
        smallest_db=float(size_db.min()),
        largest_db=float(size_db.max()),
        notes=tuple(_notes(threshold, size_db, clusters, has_interval=interval is not None)),
    )


def _why_not(size_db: FloatArray, score: FloatArray) -> str:
    if score.size == 0:
        return "nobody was asked"
    if float(np.ptp(size_db)) == 0.0:
        return f"every disturbance has the same size ({size_db[0]:g} dB): no curve through one point"
    if float(np.ptp(score)) == 0.0:
        return _no_curve(score, flat=False)
    return ""


def _no_curve(score: FloatArray, *, flat: bool) -> str:
    if float(score.mean()) >= 1.0 - LAPSE:
        return "the right advice was chosen at every size: the threshold lies below the smallest one"
    if flat or float(score.mean()) <= GUESS:
        return "larger disturbances were not found more often than smaller ones: no threshold"
    return "right and wrong choices part at one size: no finite slope"


def _share(at: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The share of right choices and its slope in the linear predictor, [n] each."""
    rising = expit(at[0] + at[1] * x)
    span = 1.0 - GUESS - LAPSE
    return GUESS + span * rising, span * rising * (1.0 - rising)


def _terms(at: FloatArray, x: FloatArray, score: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Quasi-log-likelihood, the answers' scores [n, 2], and the expected information [2, 2]."""
    share, slope = _share(at, x)
    variance, design = share * (1.0 - share), np.column_stack([np.ones(x.size), x])
    value = float((score * np.log(share) + (1.0 - score) * np.log1p(-share)).sum())
    by_answer = ((score - share) * slope / variance)[:, None] * design
    return value, by_answer, np.asarray((design * (slope**2 / variance)[:, None]).T @ design)


def _most_likely(x: FloatArray, score: FloatArray) -> FloatArray | None:
    """Fisher's scoring from the likeliest of a few starts; None where it runs away."""
    middles = np.quantile(x, np.linspace(0.1, 0.9, 5))
    starts = [np.array([-slope * middle, slope]) for slope in _START_SLOPES for middle in middles]
    at = max(starts, key=lambda start: _terms(start, x, score)[0])
    for _ in range(MOST_STEPS):
        value, by_answer, information = _terms(at, x, score)
        if abs(at[1]) > STEEPEST or np.linalg.cond(information) > 1e12:
            return None
        step = np.linalg.solve(information, by_answer.sum(axis=0))
        if np.abs(step).max() < TOLERANCE:
            return at
        while _terms(at + step, x, score)[0] < value and np.abs(step).max() > TOLERANCE:
            step = step / 2
        at = at + step
    return None


def _covariance(at: FloatArray, x: FloatArray, score: FloatArray, people: IntArray) -> FloatArray:
    _, by_answer, information = _terms(at, x, score)
    influence = by_answer @ np.linalg.inv(information)
    return two_way_covariance(influence, participant=people, track=people, estimand="new_participants")


def _in_db(interval: Interval, clusters: int) -> Interval:
    low, high = (math.exp(min(end, 10.0)) for end in (interval.low, interval.high))
    method = f"Fieller on log dB, clustered by participant, t with {clusters - 1} degrees of freedom"
    return Interval(low, high, interval.level, method)


def _notes(threshold: float, size_db: FloatArray, clusters: int, *, has_interval: bool) -> list[str]:
    notes = []
    if clusters < 2:
        notes.append("one participant: no interval")
    elif not has_interval:
        notes.append(FLAT)
    if not size_db.min() <= threshold <= size_db.max():
        notes.append("the threshold lies outside the sizes that were asked: extrapolated")
    return notes
