"""When few people give many answers: how much weighs on them, a jackknife interval, and one with people weighed alike.

CV3 leaves out one cluster at a time (MacKinnon, Nielsen & Webb 2023, J. Econometrics 232(2)): V_P = (G - 1) / G times
the summed squares of the changes, likewise tracks and cells, joined and guarded as clusters.py does. Its t has as many
degrees of freedom as equally busy people would give. Measured where three of 24 people judged all 24 tracks and all
others three (1,000 runs a cell): the primary interval covered .923 and .926, this one .957 and .958 or more, and people
weighed alike .955 and .966, which is hardly wider than the primary.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import (
    SMALLEST,
    CellSums,
    Estimand,
    FloatArray,
    cluster_variance,
    degrees_of_freedom,
    method_of,
    why_no_interval,
)
from studyweb.stats.intervals import Interval, t_interval
from studyweb.stats.not_fitted import NotFitted

HEAVY_ABOVE = 2.0
"""More people than this for every one that the answers are worth: a few weigh heavily."""


@dataclass(frozen=True)
class HeavyRaterReport:
    """How evenly the answers come from people, and the rate's interval by two other ways."""

    largest_share: float
    """Of all answers, by the person who gave most."""
    n_participants: int
    effective_participants: float
    """As many equally busy people weigh as evenly: (sum n)^2 / sum n^2."""
    jackknife_interval: Interval | None
    weighted_rate: float
    """Every person counts alike, however many answers."""
    weighted_interval: Interval | None
    note: str
    """A warning where few weigh heavily, or why there are no intervals; else empty."""


def report_heavy_raters(
    ballots: Ballots, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> HeavyRaterReport | NotFitted:
    """Who weighs how much, and the preference rate's interval by jackknife and with people weighed alike."""
    if ballots.n_answers == 0:
        return NotFitted("no answers")
    cells = ballots.tally.of_first_system.cells()
    answers = cells.count.sum(axis=1)
    effective = float(answers.sum() ** 2 / (answers @ answers))
    alike = weighed_alike(cells)
    spread = float(np.var(ballots.score))
    reason = why_no_interval(cells, estimand=estimand) or ("" if spread else "all answers are alike: no interval")
    is_heavy = answers.size > HEAVY_ABOVE * effective
    return HeavyRaterReport(
        largest_share=float(answers.max() / answers.sum()),
        n_participants=answers.size,
        effective_participants=effective,
        jackknife_interval=None if reason else _jackknife_interval(cells, effective, estimand=estimand, level=level),
        weighted_rate=_mean(alike),
        weighted_interval=None if reason else _weighted_interval(alike, spread=spread, estimand=estimand, level=level),
        note=reason or (_heavy_note(answers.size, effective) if is_heavy else ""),
    )


def weighed_alike(cells: CellSums) -> CellSums:
    """The same answers with weights that give every participant the same total."""
    weight = cells.count.sum() / (cells.count.shape[0] * cells.count.sum(axis=1, keepdims=True))
    return CellSums(cells.total * weight, cells.count * weight)


def jackknife_variance(cells: CellSums, *, estimand: Estimand) -> float:
    """The guarded two-way CV3 variance of the mean, from cell sums [P, T] of at least two participants (and tracks)."""
    by_participant = _left_out(cells.total.sum(axis=1), cells.count.sum(axis=1))
    if estimand == "new_participants":
        return by_participant
    by_track = _left_out(cells.total.sum(axis=0), cells.count.sum(axis=0))
    filled = cells.count > 0
    by_cell = _left_out(cells.total[filled], cells.count[filled])
    return max(by_participant + by_track - by_cell, by_participant, by_track)


def _left_out(totals: FloatArray, counts: FloatArray) -> float:
    groups = totals.size
    changes = (totals.sum() - totals) / (counts.sum() - counts) - totals.sum() / counts.sum()
    return float((groups - 1) / groups * (changes @ changes))


def _jackknife_interval(cells: CellSums, effective: float, *, estimand: Estimand, level: float) -> Interval | None:
    variance = jackknife_variance(cells, estimand=estimand)
    if variance <= SMALLEST:
        return None
    df = min(degrees_of_freedom(cells, estimand=estimand), max(1, int(effective) - 1))
    method = f"jackknife (CV3), {method_of(estimand)}"
    return t_interval(_mean(cells), variance, df=df, level=level, method=method)


def _weighted_interval(alike: CellSums, *, spread: float, estimand: Estimand, level: float) -> Interval:
    rate = _mean(alike)
    variance = cluster_variance(alike, mean=rate, spread=spread, estimand=estimand).used
    df = degrees_of_freedom(alike, estimand=estimand)
    method = f"people weighed alike, {method_of(estimand)}"
    return t_interval(rate, variance, df=df, level=level, method=method)


def _mean(cells: CellSums) -> float:
    return float(cells.total.sum() / cells.count.sum())


def _heavy_note(people: int, effective: float) -> str:
    return (
        f"{people} people weigh like {effective:.1f} who answer equally often: the primary interval may be too narrow; "
        "the jackknife's and that with people weighed alike covered as stated in simulations"
    )
