"""Means with 95 % intervals that cluster by track: whole tracks are drawn again, with fixed random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BOOTSTRAP_DRAWS = 1000
LEAST_TRACKS = 10
"""With fewer tracks no interval is given."""
INTERVAL_PERCENT = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """A mean, how many values it is of, and its interval."""

    value: float | None
    """None when there is nothing to take the mean of."""
    count: int
    interval: tuple[float, float] | None = None


@lru_cache(maxsize=16)
def track_draws(tracks: int, *, seed: int = 0) -> NDArray[np.float64]:
    """How often each track is in each bootstrap draw, [draws, tracks]; the same for every score of as many tracks."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(tracks, np.full(tracks, 1.0 / tracks), size=BOOTSTRAP_DRAWS).astype(np.float64)


def estimate_mean(values: Sequence[tuple[str, float]]) -> Estimate:
    """The mean of (track, value) pairs, with a percentile interval by drawing whole tracks again.

    No interval with fewer than ten tracks: resampling so few says little.
    """
    if not values:
        return Estimate(None, 0)
    places = {track: place for place, track in enumerate(dict.fromkeys(track for track, _ in values))}
    sums, counts = np.zeros(len(places)), np.zeros(len(places))
    for track, value in values:
        sums[places[track]] += value
        counts[places[track]] += 1.0
    mean = float(sums.sum() / counts.sum())
    if len(places) < LEAST_TRACKS:
        return Estimate(mean, len(values))
    draws = track_draws(len(places))
    return Estimate(mean, len(values), percentile_interval((draws @ sums) / (draws @ counts)))


def percentile_interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % percentile interval of bootstrap values. Infinite values are kept in their places."""
    low, high = np.percentile(values, INTERVAL_PERCENT, method="closest_observation")
    return float(low), float(high)
