"""How far people who met the same thing answered alike: Krippendorff's alpha, Gwet's AC1, raw agreement.

Everything comes from counts of answers by unit, so that leaving out a person or a track is a subtraction; the interval
is the two-way jackknife that heavy_raters.py has for rates, guarded in the same way. Sources: Krippendorff 2011
("Computing Krippendorff's alpha-reliability"); Gwet 2008 (Br. J. Math. Stat. Psychol. 61(1)).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import stats

from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import SMALLEST, Estimand, FloatArray, IntArray, method_of
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import INDICATIVE_BELOW

Coefficient = Literal["alpha_ordinal", "alpha_nominal", "ac1", "raw"]
COEFFICIENTS: tuple[Coefficient, ...] = get_args(Coefficient)


@dataclass(frozen=True)
class Judgements:
    """Answers to one question about units that several people met.

    category: [n] from 0, in the answers' order; unit, participant, track: [n] integer codes; n_categories: how many
    answers were offered, whether somebody gave them or not.
    """

    category: IntArray
    unit: IntArray
    participant: IntArray
    track: IntArray
    n_categories: int


@dataclass(frozen=True)
class Agreed:
    """One coefficient; 1 is perfect agreement, 0 (but for `raw`) what chance would give."""

    value: float | None
    interval: Interval | None
    note: str
    """Why there is no value or no interval; else empty."""


@dataclass(frozen=True)
class AgreementReport:
    """Agreement on one question, over units that at least two people judged."""

    coefficients: dict[Coefficient, Agreed]
    n_units: int
    n_answers: int
    n_participants: int
    n_tracks: int
    label: str
    """Empty, or `indicative` (few participants or tracks)."""


def report_agreement(
    judgements: Judgements, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> AgreementReport | NotFitted:
    """All coefficients with their jackknife intervals, or the reason why nothing can be compared."""
    sizes = np.bincount(judgements.unit) if judgements.unit.size else np.zeros(1)
    if sizes.max() < 2:
        return NotFitted("nobody judged what another person judged" if judgements.unit.size else "no answers")
    is_compared = sizes[judgements.unit] >= 2
    people, tracks = (np.unique(codes[is_compared]).size for codes in (judgements.participant, judgements.track))
    whole = _unit_sums(_counts(judgements)).sum(axis=0, keepdims=True)
    left_out = _jackknife(judgements, estimand=estimand)
    df = (people if estimand == "new_participants" else min(people, tracks)) - 1
    return AgreementReport(
        coefficients={
            name: _agreed(name, whole, left_out, judgements.n_categories, df=df, estimand=estimand, level=level)
            for name in COEFFICIENTS
        },
        n_units=int((sizes >= 2).sum()),
        n_answers=int(is_compared.sum()),
        n_participants=people,
        n_tracks=tracks,
        label="indicative" if min(people, tracks) < INDICATIVE_BELOW else "",
    )


def _counts(judgements: Judgements) -> FloatArray:
    """[U, K] how often each answer was given about each unit."""
    shape = (int(judgements.unit.max()) + 1, judgements.n_categories)
    code = judgements.unit * shape[1] + judgements.category
    return np.bincount(code, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _unit_sums(counts: FloatArray) -> FloatArray:
    """[U, K * K + K + 3] what a unit with these counts adds: coincidences, shares, agreement, whether it is compared,
    whether it is judged at all.

    Coincidences are pairs of answers of different people, each unit's weighted by 1 / (m - 1). A unit that one person
    judged adds its share alone, as Gwet has it.
    """
    size = counts.sum(axis=1)
    is_compared = size >= 2
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])
    coincidences = pairs / np.maximum(size - 1, 1)[:, None, None] * is_compared[:, None, None]
    shares = counts / np.maximum(size, 1)[:, None]
    alike = (counts * (counts - 1)).sum(axis=1) / np.maximum(size * (size - 1), 1)
    return np.column_stack([coincidences.reshape(size.size, -1), shares, alike, is_compared, size > 0])


def _coefficient(name: Coefficient, sums: FloatArray, k: int) -> FloatArray:
    """[G] from summed units [G, ...]; NaN where it is undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        alike: FloatArray = sums[:, -3] / sums[:, -2]
        if name == "raw":
            return alike
        if name == "ac1":
            shares = sums[:, k * k : k * k + k] / sums[:, -1:]
            by_chance = (shares * (1 - shares)).sum(axis=1) / (k - 1)
            return np.asarray((alike - by_chance) / (1 - by_chance), dtype=np.float64)
        coincidences = sums[:, : k * k].reshape(-1, k, k)
        of_each = coincidences.sum(axis=2)
        apart = _squared_distances(of_each) if name == "alpha_ordinal" else 1.0 - np.eye(k)
        observed = (coincidences * apart).sum(axis=(1, 2))
        expected = (of_each[:, :, None] * of_each[:, None, :] * apart).sum(axis=(1, 2)) / (of_each.sum(axis=1) - 1)
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def _squared_distances(of_each: FloatArray) -> FloatArray:
    """[G, K, K] between ordered answers: how many answers lie between them, half of both ends counted in."""
    middle = np.cumsum(of_each, axis=1) - of_each / 2
    return (middle[:, :, None] - middle[:, None, :]) ** 2


def _jackknife(judgements: Judgements, *, estimand: Estimand) -> list[FloatArray]:
    """What is left of the summed units, [G, ...], without each participant, each track and each of their cells."""
    people = [judgements.participant]
    if estimand == "new_participants":
        groupings = people
    else:
        cell = dense_codes(judgements.participant * (int(judgements.track.max()) + 1) + judgements.track)
        groupings = [*people, judgements.track, cell]
    return [_left_out(judgements, group) for group in groupings]


def _left_out(judgements: Judgements, group: IntArray) -> FloatArray:
    counts = _counts(judgements)
    sums = _unit_sums(counts)
    touched, place = np.unique(group * len(counts) + judgements.unit, return_inverse=True)
    of_group, unit = touched // len(counts), touched % len(counts)
    removed = np.zeros((touched.size, judgements.n_categories))
    np.add.at(removed, (place.reshape(-1), judgements.category), 1.0)
    changes = _unit_sums(counts[unit] - removed) - sums[unit]
    left = np.tile(sums.sum(axis=0), (int(group.max()) + 1, 1))
    np.add.at(left, of_group, changes)
    return left


def _agreed(
    name: Coefficient,
    whole: FloatArray,
    left_out: list[FloatArray],
    k: int,
    *,
    df: int,
    estimand: Estimand,
    level: float,
) -> Agreed:
    value = float(_coefficient(name, whole, k)[0])
    if math.isnan(value):
        return Agreed(None, None, "all answers are alike: agreement beyond chance is undefined")
    if df < 1:
        return Agreed(value, None, "one participant or one track: no interval")
    parts = [_variance(_coefficient(name, left, k)) for left in left_out]
    if any(part is None for part in parts):
        return Agreed(value, None, "it hangs on a single person or track: no interval")
    variance = _joined([part for part in parts if part is not None])
    if variance <= SMALLEST:
        return Agreed(value, None, "the same whoever is left out: no interval")
    reach = float(stats.t.ppf(0.5 + level / 2, df)) * math.sqrt(variance)
    lowest = 0.0 if name == "raw" else -1.0
    method = f"jackknife (CV3), {method_of(estimand)}, t with {df} degrees of freedom"
    return Agreed(value, Interval(max(lowest, value - reach), min(1.0, value + reach), level, method), "")


def _variance(without: FloatArray) -> float | None:
    if np.isnan(without).any():
        return None
    return float((without.size - 1) / without.size * ((without - without.mean()) ** 2).sum())


def _joined(parts: list[float]) -> float:
    """Two-way with its guard, as clusters.py has it; participants alone where tracks are given."""
    if len(parts) == 1:
        return parts[0]
    people, tracks, cells = parts
    return max(people + tracks - cells, people, tracks)
