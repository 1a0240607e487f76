"""Where a fitted line b0 + b1 x reaches a value, with the interval of a ratio (Fieller 1954, J. R. Stat. Soc. B 16(2)).

All x at which the line's own interval holds the value. Where the slope could be 0 that set has no ends, and then there
is no interval: the delta method would print one all the same.
"""

from __future__ import annotations

import math

from studyweb.stats.clusters import FloatArray
from studyweb.stats.intervals import Interval

FLAT = "the slope could be 0: no interval"


def where_line_is(
    value: float, coefficients: FloatArray, covariance: FloatArray, *, quantile: float, level: float
) -> tuple[float, Interval | None]:
    """x at which the line [intercept, slope] has the value; its interval unless the slope could be 0.

    `covariance` is [2, 2], `quantile` how many standard errors the interval reaches. The slope must not be 0.
    """
    lead, slope = float(coefficients[0]) - value, float(coefficients[1])
    spread = quantile**2 * covariance
    square, middle, rest = slope**2 - spread[1, 1], lead * slope - spread[0, 1], lead**2 - spread[0, 0]
    root = middle**2 - square * rest
    if square <= 0.0 or root < 0.0:
        return -lead / slope, None
    ends = sorted(float(-middle + sign * math.sqrt(root)) / float(square) for sign in (-1.0, 1.0))
    return -lead / slope, Interval(ends[0], ends[1], level, "Fieller")
