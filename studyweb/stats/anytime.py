"""Bounds on a mean that hold at every moment of watching, for independent values in [0, 1].

Asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024 (Ann. Stat. 52(6)). Betting
confidence sequence and e-process: Waudby-Smith & Ramdas 2024 (J. R. Stat. Soc. B 86(1)); its error bound is Ville's
inequality and holds for any number of values.
"""

from __future__ import annotations

import math

import numpy as np

from studyweb.stats.clusters import FloatArray

MOST_AT_STAKE = 0.5
"""No bet stakes more than this share of the capital."""
BISECTIONS = 40


def sequence_half_widths(values: FloatArray, *, alpha: float, tightest_at: int) -> FloatArray:
    """Half widths of the asymptotic confidence sequence after 1, 2, ... values; values and result [..., n].

    s sqrt(2 (n r^2 + 1) / (n^2 r^2) log(sqrt(n r^2 + 1) / alpha)), s as in _variances; r makes it tightest at
    `tightest_at` values.
    """
    n = np.arange(1, values.shape[-1] + 1, dtype=np.float64)
    r2 = (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha))) / tightest_at
    width = np.sqrt(2 * (n * r2 + 1) / (n**2 * r2) * np.log(np.sqrt(n * r2 + 1) / alpha))
    half_widths: FloatArray = np.sqrt(_variances(values)) * width
    return half_widths


def _variances(values: FloatArray) -> FloatArray:
    """Variance after 1, 2, ... values; one value with mean 1/2 and variance 1/4 counts as seen, so it is never 0."""
    n = np.arange(1, values.shape[-1] + 1, dtype=np.float64) + 1
    mean = (0.5 + np.cumsum(values, axis=-1)) / n
    variances: FloatArray = (0.5 + np.cumsum(values**2, axis=-1)) / n - mean**2
    return variances


def _bets(values: FloatArray, *, alpha: float) -> FloatArray:
    """Predictable bet sizes: each knows only the values before it (predictable plug-in, section 3.1 of the paper)."""
    n = np.arange(1, values.shape[-1] + 1, dtype=np.float64)
    before = np.concatenate([np.full((*values.shape[:-1], 1), 0.25), _variances(values)[..., :-1]], axis=-1)
    bets: FloatArray = np.sqrt(2 * math.log(2 / alpha) / (before * n * np.log(1 + n)))
    return bets


def log_capitals(values: FloatArray, *, mean: float | FloatArray, alpha: float) -> tuple[FloatArray, FloatArray]:
    """Log capital after every value of betting that the true mean is above, and below, `mean`; each [..., n]."""
    bets = _bets(values, alpha=alpha)
    up = np.minimum(bets, MOST_AT_STAKE / np.maximum(mean, 1e-12))
    down = np.minimum(bets, MOST_AT_STAKE / np.maximum(1 - np.asarray(mean), 1e-12))
    gain = values - mean
    return np.cumsum(np.log1p(up * gain), axis=-1), np.cumsum(np.log1p(-down * gain), axis=-1)


def log_e_values(values: FloatArray, *, mean: float, alpha: float) -> FloatArray:
    """Log e-values against `mean` after every value: half the better of the two capitals; [..., n].

    Under the null the chance that it ever reaches 1 / alpha is at most alpha.
    """
    up, down = log_capitals(values, mean=mean, alpha=alpha)
    e_values: FloatArray = np.maximum(up, down) - math.log(2)
    return e_values


def betting_interval(values: FloatArray, *, alpha: float) -> tuple[float, float]:
    """All means whose e-value after these values [n] stays below 1 / alpha; found by bisection.

    Betting that the mean is above m never gains by raising m, so the set is an interval.
    """
    if values.size == 0:
        return 0.0, 1.0
    needed = math.log(2 / alpha)

    def up(mean: float) -> float:
        return float(log_capitals(values, mean=mean, alpha=alpha)[0][-1])

    def down(mean: float) -> float:
        return float(log_capitals(values, mean=mean, alpha=alpha)[1][-1])

    low, high = 0.0, 1.0
    if up(0.0) >= needed:
        inside, outside = 1.0, 0.0
        for _ in range(BISECTIONS):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if up(middle) >= needed else (middle, outside)
        low = outside
    if down(1.0) >= needed:
        inside, outside = 0.0, 1.0
        for _ in range(BISECTIONS):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if down(middle) >= needed else (middle, outside)
        high = outside
    return low, high
