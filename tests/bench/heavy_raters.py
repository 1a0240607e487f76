"""What can be done when a few people give most answers: two other intervals, on the same simulated studies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studyweb.stats.answer_model import AnswerModel, Meetings, deal_meetings, draw_scores
from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.many_studies import primary_intervals
from tests.bench.coverage_cells import A_DEAL, LEVEL, RUNS, SDS, SIZES, Cell, trial_counts


@dataclass(frozen=True)
class HeavyCoverage:
    """Shares of runs whose interval held the true rate."""

    cell: Cell
    runs: int
    two_way: float
    """The product's primary interval."""
    jackknife: float
    """Delete-one-group variances in place of sums of squares (CV3; MacKinnon, Nielsen & Webb 2024), same degrees."""
    jackknife_effective: float
    """The same with t on the effective number of people, (sum of n_p)^2 / sum of n_p^2, where that is smaller."""
    weighted: float
    """Everybody counts alike: the mean of people's means with the two-way variance of its weighted residuals."""


def heavy_cells() -> Iterator[Cell]:
    """Three people judge every track, all others three."""
    for (participants, tracks), (people, songs) in product(SIZES, SDS):
        yield Cell(participants, tracks, people, songs, "heavy", 0.0, 0.0)


def measure_heavy(cell: Cell, *, runs: int = RUNS) -> HeavyCoverage:
    """Every interval on the same studies."""
    rng = np.random.default_rng(cell.seed)
    model = AnswerModel(cell.rate, cell.participant_sd, cell.track_sd)
    held = []
    for start in range(0, runs, A_DEAL):
        meetings = deal_meetings(trial_counts(cell, rng), tracks=cell.tracks, rng=rng)
        scores = draw_scores(model, meetings, studies=min(A_DEAL, runs - start), rng=rng)
        held.append(_covers(scores, meetings, cell.rate))
    return HeavyCoverage(cell, runs, *(float(share) for share in np.concatenate(held, axis=1).mean(axis=1)))


def _covers(scores: FloatArray, meetings: Meetings, rate: float) -> NDArray[np.bool_]:
    """[interval, study], in the order of HeavyCoverage."""
    clusters = min(meetings.n_participants, meetings.n_tracks)
    judged = np.bincount(meetings.participant)
    effective = min(float(judged.sum() ** 2 / (judged**2).sum()), clusters)
    off = np.abs(scores.mean(axis=1) - rate) / np.sqrt(jackknife_variances(scores, meetings))
    weights = 1.0 / (judged[meetings.participant] * judged.size)
    weighted = scores @ weights
    error = np.sqrt(weighted_variances(scores, weights, meetings))
    full = float(stats.t.ppf(0.5 + LEVEL / 2, clusters - 1))
    few = float(stats.t.ppf(0.5 + LEVEL / 2, effective - 1))
    ours = primary_intervals(scores, meetings, level=LEVEL).covers(rate)
    return np.stack([ours, off <= full, off <= few, np.abs(weighted - rate) <= full * error])


def jackknife_variances(scores: FloatArray, meetings: Meetings) -> FloatArray:
    """max(V_P + V_T - V_PT, V_P, V_T), each from means with one group left out; [studies]."""
    answers = np.arange(scores.shape[1])
    people, tracks, cells = (_left_out(scores, codes) for codes in (meetings.participant, meetings.track, answers))
    return np.maximum(np.maximum(people, tracks), people + tracks - cells)


def _left_out(scores: FloatArray, codes: IntArray) -> FloatArray:
    sums, sizes = _group_sums(scores, codes), np.bincount(codes)
    n, groups = scores.shape[1], sizes.size
    means = (scores.sum(axis=1, keepdims=True) - sums) / (n - sizes)
    return (groups - 1) / groups * ((means - scores.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)


def weighted_variances(scores: FloatArray, weights: FloatArray, meetings: Meetings) -> FloatArray:
    """The two-way variance with its guard, of a mean with these weights [n], which add up to 1; [studies]."""
    residual = (scores - (scores @ weights)[:, None]) * weights
    answers = np.arange(scores.shape[1])
    people, tracks, cells = (_squares(residual, codes) for codes in (meetings.participant, meetings.track, answers))
    return np.maximum(np.maximum(people, tracks), people + tracks - cells)


def _squares(residual: FloatArray, codes: IntArray) -> FloatArray:
    sums = _group_sums(residual, codes)
    return sums.shape[1] / (sums.shape[1] - 1) * (sums**2).sum(axis=1)


def _group_sums(values: FloatArray, codes: IntArray) -> FloatArray:
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(int(codes.max()) + 1))
    return np.add.reduceat(values[:, order], starts, axis=1)
