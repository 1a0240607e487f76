"""How small a disturbance producers hear: how often the right advice wins against none, over the size in dB.

P(x) = 1/2 + (1/2 - lapse) F(b0 + b1 log x) with the logistic F: at 0 dB nobody can know, and even the largest is missed
now and then. Guess and lapse as in Wichmann & Hill 2001 ("The psychometric function: I"); the lapse is fixed, because
one or two checks a person cannot estimate it. A tie is half right. The quasi-likelihood's score equations are solved by
Fisher's scoring; the covariance is clustered by participant, and the threshold's interval is the delta method's on log
dB. It covered .935 to .975 where .95 was meant (24 to 100 people with one or two checks each, slopes 1 to 4, 400 runs a
case); Fieller's first asks whether the slope could be 0, and with so few checks mostly had no ends.
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

GUESS = 0.5
LAPSE = 0.02
AT = 0.75
"""Half-way between chance and always."""
STEEPEST = 20.0
MOST_STEPS = 100
TOLERANCE = 1e-9
_LARGEST_LOG_DB = 10.0
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
    log_db = (float(logit((AT - GUESS) / (1.0 - GUESS - LAPSE))) - found[0]) / found[1]
    threshold = math.exp(min(log_db, _LARGEST_LOG_DB))
    return PsychometricCurve(
        intercept=float(found[0]),
        slope=float(found[1]),
        covariance=covariance,
        threshold_db=threshold,
        interval=_interval(log_db, found, covariance, clusters, level=level),
        n_answers=score.size,
        n_participants=clusters,
        smallest_db=float(size_db.min()),
        largest_db=float(size_db.max()),
        notes=tuple(_notes(threshold, size_db, clusters)),
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


def _interval(log_db: float, at: FloatArray, covariance: FloatArray, clusters: int, *, level: float) -> Interval | None:
    if clusters < 2:
        return None
    slopes = np.array([1.0, log_db])
    error = math.sqrt(max(0.0, float(slopes @ covariance @ slopes))) / float(at[1])
    reach = float(stats.t.ppf(0.5 + level / 2, clusters - 1)) * error
    low, high = (math.exp(min(log_db + sign * reach, _LARGEST_LOG_DB)) for sign in (-1.0, 1.0))
    return Interval(low, high, level, f"clustered by participant, t with {clusters - 1} degrees of freedom on log dB")


def _notes(threshold: float, size_db: FloatArray, clusters: int) -> list[str]:
    notes = ["one participant: no interval"] if clusters < 2 else []
    if not size_db.min() <= threshold <= size_db.max():
        notes.append("the threshold lies outside the sizes that were asked: extrapolated")
    return notes
