"""Intervals for a rate between 0 and 1."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from studyweb.stats.clusters import FloatArray


@dataclass(frozen=True)
class Interval:
    """A confidence interval, with the way it was made in words."""

    low: float
    high: float
    level: float
    method: str


def t_interval(rate: float, variance: float, *, df: int, level: float, method: str) -> Interval:
    """rate +- t * sqrt(variance); by the delta method on the logit when an end would leave [0, 1].

    The logit form (Agresti, Categorical Data Analysis, 3rd ed., 1.4): se(logit p) = se(p) / (p (1 - p)).
    """
    half_width = float(stats.t.ppf(0.5 + level / 2, df)) * math.sqrt(variance)
    if rate - half_width >= 0.0 and rate + half_width <= 1.0:
        return Interval(rate - half_width, rate + half_width, level, f"{method}, t with {df} degrees of freedom")
    logit = math.log(rate / (1.0 - rate))
    reach = half_width / (rate * (1.0 - rate))
    return Interval(
        _expit(logit - reach), _expit(logit + reach), level, f"{method}, t with {df} degrees of freedom on the logit"
    )


def clopper_pearson(successes: int, trials: int, *, level: float) -> Interval:
    """The exact binomial interval (Clopper & Pearson 1934)."""
    tail = (1.0 - level) / 2
    low = 0.0 if successes == 0 else float(stats.beta.ppf(tail, successes, trials - successes + 1))
    high = 1.0 if successes == trials else float(stats.beta.ppf(1 - tail, successes + 1, trials - successes))
    return Interval(low, high, level, f"exact binomial on {trials} participants")


def mean_interval(means: FloatArray, *, level: float, method: str) -> Interval | None:
    """The plain t interval of cluster means [G]; None when they do not vary or there are fewer than two."""
    groups = means.size
    if groups < 2:
        return None
    variance = float(np.var(means, ddof=1)) / groups
    rate = float(means.mean())
    if variance == 0.0 or not 0.0 < rate < 1.0:
        return None
    return t_interval(rate, variance, df=groups - 1, level=level, method=method)


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0 else math.exp(x) / (1.0 + math.exp(x))
