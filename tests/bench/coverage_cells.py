"""Measured coverage of the primary interval: simulated studies of one kind at a time, analysed as the product does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.answer_model import AnswerModel, deal_meetings, draw_scores, mirrored_effects
from studyweb.stats.clusters import Estimand, FloatArray, IntArray
from studyweb.stats.many_studies import primary_intervals

SEED = 2026
LEVEL = 0.95
RUNS = 2_000
A_DEAL = 50
"""Simulated studies that share who judges what."""
FIXED_TRIALS = 10
FEWEST, MOST = 2, 20
HEAVY, LIGHT_TRIALS = 3, 3
"""With heavy raters, so many people judge every track and all others so many tracks."""
SIZES = ((12, 12), (24, 24), (40, 20), (40, 40))
SDS = ((0.0, 0.0), (0.5, 0.5), (0.8, 0.3))
Z = 1.959964


@dataclass(frozen=True)
class Cell:
    """One kind of study. `trials`: `10`, `2-20` (uniform, at most the tracks) or `heavy`."""

    participants: int
    tracks: int
    participant_sd: float
    track_sd: float
    trials: str
    tie_rate: float
    side_log_odds: float
    rate: float = 0.5
    estimand: Estimand = "new_participants_and_tracks"

    @property
    def name(self) -> str:
        """The cell in one line."""
        sds = f"SD {self.participant_sd:g}/{self.track_sd:g}"
        parts = f"{self.participants} x {self.tracks}, {sds}, {self.trials} trials, ties {self.tie_rate:g}"
        rate = "" if self.rate == 0.5 else f", rate {self.rate:g}"
        these = ", these tracks" if self.estimand == "new_participants" else ""
        return f"{parts}, side {self.side_log_odds:g}{rate}{these}"

    @property
    def seed(self) -> list[int]:
        """What its random numbers start from: the same whatever other cells are run."""
        numbers = (self.participant_sd, self.track_sd, self.tie_rate, self.side_log_odds, self.rate)
        words = (*self.trials.encode(), *self.estimand.encode())
        return [SEED, self.participants, self.tracks, *(round(1000 * number) for number in numbers), *words]


@dataclass(frozen=True)
class Coverage:
    """Shares of runs whose interval held the true rate, for our interval and for two that ignore a factor."""

    cell: Cell
    runs: int
    two_way: float
    """The product's interval for the cell's estimand."""
    participants_only: float
    answers_only: float
    """Wilson's interval on single answers, as if they were independent."""
    half_width: float
    """Median half width of the product's interval."""

    @property
    def standard_error(self) -> float:
        """Binomial standard error of a coverage of .95."""
        return math.sqrt(LEVEL * (1 - LEVEL) / self.runs)


def grid() -> Iterator[Cell]:
    """The cells with a goal."""
    for (participants, tracks), (people, songs), trials, ties, side in product(
        SIZES, SDS, (str(FIXED_TRIALS), f"{FEWEST}-{MOST}"), (0.0, 0.3), (0.0, 0.5)
    ):
        yield Cell(participants, tracks, people, songs, trials, ties, side)


def further_cells() -> Iterator[Cell]:
    """Cells beside the grid: a clear preference, and fixed tracks. Heavy raters: heavy_raters.py."""
    for participants, tracks in SIZES:
        yield Cell(participants, tracks, 0.8, 0.3, str(FIXED_TRIALS), 0.0, 0.0, rate=0.7)
        yield Cell(participants, tracks, 0.5, 0.5, str(FIXED_TRIALS), 0.3, 0.5, estimand="new_participants")


def measure_cell(cell: Cell, *, runs: int = RUNS) -> Coverage:
    """Simulate and analyse `runs` studies of a cell."""
    rng = np.random.default_rng(cell.seed)
    model = AnswerModel(cell.rate, cell.participant_sd, cell.track_sd, cell.tie_rate, cell.side_log_odds)
    held, half_widths = [], []
    for start in range(0, runs, A_DEAL):
        meetings = deal_meetings(trial_counts(cell, rng), tracks=cell.tracks, rng=rng)
        studies = min(A_DEAL, runs - start)
        effects = None
        if cell.estimand == "new_participants":
            effects = mirrored_effects(cell.track_sd, meetings, studies=studies, rng=rng)
        scores = draw_scores(model, meetings, studies=studies, rng=rng, track_effects=effects)
        ours = primary_intervals(scores, meetings, level=LEVEL, estimand=cell.estimand)
        one_way = primary_intervals(scores, meetings, level=LEVEL, estimand="new_participants")
        held.append([ours.covers(cell.rate), one_way.covers(cell.rate), wilson_covers(scores, cell.rate)])
        half_widths.append(ours.half_width)
    two_way, participants_only, answers_only = np.concatenate(held, axis=1).mean(axis=1)
    half_width = float(np.median(np.concatenate(half_widths)))
    return Coverage(cell, runs, float(two_way), float(participants_only), float(answers_only), half_width)


def wilson_covers(scores: FloatArray, rate: float) -> NDArray[np.bool_]:
    """Whether Wilson's interval on single answers holds a rate: |mean - rate| <= z sqrt(rate (1 - rate) / n)."""
    covers: NDArray[np.bool_] = np.abs(scores.mean(axis=1) - rate) <= Z * math.sqrt(rate * (1 - rate) / scores.shape[1])
    return covers


def trial_counts(cell: Cell, rng: np.random.Generator) -> IntArray:
    """How many tracks everybody judges."""
    if cell.trials == "heavy":
        counts = np.full(cell.participants, LIGHT_TRIALS)
        counts[:HEAVY] = cell.tracks
        return counts
    if cell.trials == f"{FEWEST}-{MOST}":
        return np.minimum(rng.integers(FEWEST, MOST + 1, cell.participants), cell.tracks)
    return np.full(cell.participants, int(cell.trials))
