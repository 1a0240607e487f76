"""How small a change a model hears: a psychometric curve over the size of the change, and its 50 % threshold.

The curve is P(x) = guess + (1 - guess - lapse) / (1 + (midpoint / x) ** slope), a logistic function of log x, so that a
change of 0 dB is found exactly as often as chance has it. Guess and lapse as in Wichmann & Hill 2001 ("The psychometric
function: I"). The maximum of the likelihood is searched on a fixed grid: the same answer everywhere, and a thousand
bootstrap draws are two matrix products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.disturbances import MAGNITUDES_DB
from training.intervals import LEAST_TRACKS, percentile_interval, track_draws
from training.metrics import SHARES, Scored, is_found, score_of

LARGEST_DB = max(MAGNITUDES_DB)
MIDPOINTS_DB = np.geomspace(0.1, 24.0, 221)
"""Steps of 2.5 %."""
SLOPES = np.geomspace(0.5, 16.0, 21)
LAPSES = np.array([0, 1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90]) / 100.0
COARSE = 2
"""Bootstrap draws search every second midpoint and slope: steps of 5 % are fine beside the interval's width."""
DRAWS_AT_ONCE = 100


@dataclass(frozen=True)
class Psychometric:
    """A fitted curve. Sizes in dB, shares between 0 and 1."""

    guess: float
    """Share of unchanged stems that are named in a given direction: half the false alarms."""
    midpoint_db: float
    slope: float
    lapse: float
    """Share of even the largest changes that is missed."""
    threshold_db: float | None
    """Size of which half are found; None when not even half of the largest (12 dB) are."""
    interval_db: tuple[float, float | None] | None
    """Bootstrap over tracks; an upper end of None lies above the largest size. None with fewer than ten tracks."""
    asked: dict[float, int]
    """How many changes of each size there were, {dB: count}."""
    found: dict[float, int]
    """How many of them were found."""


def fit_psychometric(items: Sequence[Scored]) -> Psychometric | None:
    """The curve of a set of items, over the changed stems of all of them; None when nothing was changed."""
    tracks = list(dict.fromkeys(item.track for item in items))
    asked, found = _counts(items, tracks)
    if not asked.any():
        return None
    guess = (score_of(items, SHARES["false_alarms"]).value or 0.0) / 2.0
    best = _most_likely(found.sum(axis=0)[None], asked.sum(axis=0)[None], guess=guess)[0]
    midpoint, slope, lapse = (float(value) for value in _grid()[best])
    return Psychometric(
        guess=guess,
        midpoint_db=midpoint,
        slope=slope,
        lapse=lapse,
        threshold_db=_ends(_thresholds(guess)[best]),
        interval_db=_interval(asked, found, guess=guess),
        asked=_by_size(asked),
        found=_by_size(found),
    )


def found_share(curve: Psychometric, size_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """The fitted share of changes of the given sizes in dB that is found."""
    parameters = np.array([[curve.midpoint_db, curve.slope, curve.lapse]])
    return np.asarray(_shares(parameters, size_db, guess=curve.guess)[0])


def _counts(items: Sequence[Scored], tracks: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many changes of each size each track has, and how many were found: two arrays [tracks, sizes]."""
    asked = np.zeros((len(tracks), len(MAGNITUDES_DB)))
    found = np.zeros_like(asked)
    for item in items:
        for stem, gain_db in item.correction_db.items():
            place = tracks.index(item.track), MAGNITUDES_DB.index(abs(gain_db))
            asked[place] += 1.0
            found[place] += is_found(item, stem)
    return asked, found


@lru_cache(maxsize=2)
def _grid(step: int = 1) -> NDArray[np.float64]:
    """All curves that are tried: midpoint, slope and lapse, [curves, 3]; every `step`-th midpoint and slope."""
    axes = np.meshgrid(MIDPOINTS_DB[::step], SLOPES[::step], LAPSES, indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1)


def _shares(parameters: NDArray[np.float64], sizes_db: NDArray[np.float64], *, guess: float) -> NDArray[np.float64]:
    midpoint, slope, lapse = (column[:, None] for column in parameters.T)
    rising = 1.0 / (1.0 + (midpoint / sizes_db[None]) ** slope)
    return np.asarray(guess + np.maximum(1.0 - guess - lapse, 0.0) * rising)


def _most_likely(
    found: NDArray[np.float64], asked: NDArray[np.float64], *, guess: float, step: int = 1
) -> NDArray[np.int64]:
    """The likeliest curve's place on the grid for rows of counts [rows, sizes]."""
    shares = np.clip(_shares(_grid(step), np.array(MAGNITUDES_DB), guess=guess), 1e-6, 1.0 - 1e-6)
    hit, miss = np.log(shares).T, np.log1p(-shares).T
    parts = [slice(start, start + DRAWS_AT_ONCE) for start in range(0, len(asked), DRAWS_AT_ONCE)]
    best = [np.argmax(found[part] @ hit + (asked[part] - found[part]) @ miss, axis=1) for part in parts]
    return np.concatenate(best)


def _thresholds(guess: float, *, step: int = 1) -> NDArray[np.float64]:
    """Where each curve of the grid reaches one half, in dB; infinite where that is above the largest size."""
    midpoint, slope, lapse = _grid(step).T
    with np.errstate(divide="ignore", invalid="ignore"):
        rising = (0.5 - guess) / (1.0 - guess - lapse)
        size_db = midpoint * (rising / (1.0 - rising)) ** (1.0 / slope)
    reached = (rising > 0.0) & (rising < 1.0) & (size_db <= LARGEST_DB)
    return np.where(reached, size_db, np.inf)


def _interval(
    asked: NDArray[np.float64], found: NDArray[np.float64], *, guess: float
) -> tuple[float, float | None] | None:
    if len(asked) < LEAST_TRACKS:
        return None
    draws = track_draws(len(asked))
    best = _most_likely(draws @ found, draws @ asked, guess=guess, step=COARSE)
    low, high = percentile_interval(_thresholds(guess, step=COARSE)[best])
    return None if np.isinf(low) else (low, _ends(high))


def _ends(size_db: float) -> float | None:
    return None if np.isinf(size_db) else float(size_db)


def _by_size(counts: NDArray[np.float64]) -> dict[float, int]:
    return {size: int(count) for size, count in zip(MAGNITUDES_DB, counts.sum(axis=0), strict=True) if count >= 0}
