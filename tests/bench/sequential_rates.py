"""How often each way of looking early rejects, when there is nothing to find and when there is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studyweb.stats.answer_model import AnswerModel, deal_meetings, draw_scores, mirrored_effects
from studyweb.stats.anytime import log_e_values, sequence_half_widths
from studyweb.stats.clusters import FloatArray
from studyweb.stats.sequential import FIRST_LOOK, planned_bounds, tuned_at
from studyweb.stats.spending import Shape
from tests.bench.coverage_cells import A_DEAL, RUNS, SEED, Z

PLANNED, TRACKS, TRIALS = 150, 20, 10
ALPHA = 0.05
LOOKS = 5
EFFECT = 0.6
SDS = ((0.0, 0.0), (0.5, 0.5), (0.8, 0.3))
VALID = ("confidence sequence", "betting e-process", "O'Brien-Fleming, 5 looks", "Pocock, 5 looks")
NAIVE = ("t of participants, every look", "Wilson on answers, every look")

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Scenario:
    """Null for these tracks, null for the population of tracks, or an effect."""

    kind: str
    participant_sd: float
    track_sd: float

    @property
    def seed(self) -> list[int]:
        """What its random numbers start from."""
        return [SEED, *self.kind.encode(), round(1000 * self.participant_sd), round(1000 * self.track_sd)]


@dataclass(frozen=True)
class RejectRate:
    """One rule in one scenario."""

    rule: str
    scenario: Scenario
    runs: int
    ever: float
    """Share of runs that rejected one half at any look."""
    median_stop: float | None
    """Median participants at the first rejection, among the runs that rejected."""

    @property
    def standard_error(self) -> float:
        """Binomial standard error of a rate of alpha."""
        return math.sqrt(ALPHA * (1 - ALPHA) / self.runs)


def scenarios() -> Iterator[Scenario]:
    """The null for these tracks (it has the goal), the null for other tracks (why that is refused), an effect."""
    for kind in ("these tracks", "other tracks", "effect"):
        for people, songs in SDS:
            yield Scenario(kind, people, songs)


def measure_scenario(scenario: Scenario, *, runs: int = RUNS) -> list[RejectRate]:
    """Every rule on the same simulated studies."""
    rng = np.random.default_rng(scenario.seed)
    parts = [_watch(scenario, min(A_DEAL, runs - start), rng) for start in range(0, runs, A_DEAL)]
    return [_summary(rule, scenario, np.concatenate([part[rule] for part in parts])) for rule in (*VALID, *NAIVE)]


def _watch(scenario: Scenario, studies: int, rng: np.random.Generator) -> dict[str, Booleans]:
    """{rule: [studies, participants] whether it rejects at that look}."""
    rate = EFFECT if scenario.kind == "effect" else 0.5
    model = AnswerModel(rate, scenario.participant_sd, scenario.track_sd)
    meetings = deal_meetings(np.full(PLANNED, TRIALS), tracks=TRACKS, rng=rng)
    effects = None
    if scenario.kind == "these tracks":
        effects = mirrored_effects(scenario.track_sd, meetings, studies=studies, rng=rng)
    scores = draw_scores(model, meetings, studies=studies, rng=rng, track_effects=effects)
    return decisions(scores.reshape(studies, PLANNED, TRIALS).mean(axis=2))


def decisions(means: FloatArray) -> dict[str, Booleans]:
    """{rule: [studies, participants]} from participants' means; nobody looks before FIRST_LOOK."""
    n = np.arange(1, means.shape[1] + 1)
    running = np.cumsum(means, axis=1) / n
    off = np.abs(running - 0.5)
    t = off / _standard_errors(means, running)
    by_t = t > stats.t.isf(ALPHA / 2, np.maximum(n - 1, 1))
    found = {
        VALID[0]: off > sequence_half_widths(means, alpha=ALPHA, tightest_at=tuned_at(means.shape[1])),
        VALID[1]: log_e_values(means, mean=0.5, alpha=ALPHA) >= math.log(1 / ALPHA),
        VALID[2]: _planned(t, "obrien_fleming"),
        VALID[3]: _planned(t, "pocock"),
        NAIVE[0]: by_t,
        NAIVE[1]: off > Z * np.sqrt(0.25 / (n * TRIALS)),
    }
    return {rule: rejects & (n >= FIRST_LOOK) for rule, rejects in found.items()}


def _standard_errors(means: FloatArray, running: FloatArray) -> FloatArray:
    n = np.arange(1, means.shape[1] + 1)
    squares = np.cumsum(means**2, axis=1) - n * running**2
    return np.sqrt(np.maximum(squares, 1e-12) / np.maximum(n - 1, 1) / n)


def _planned(t: FloatArray, shape: Shape) -> Booleans:
    participants = t.shape[1]
    looks = [participants * look // LOOKS for look in range(1, LOOKS + 1)]
    rejects = np.zeros(t.shape, dtype=np.bool_)
    for look, bound in planned_bounds(looks, planned=participants, alpha=ALPHA, shape=shape).items():
        rejects[:, look - 1] = t[:, look - 1] > stats.t.isf(stats.norm.sf(bound), look - 1)
    return rejects


def _summary(rule: str, scenario: Scenario, rejects: Booleans) -> RejectRate:
    ever = rejects.any(axis=1)
    stops = rejects.argmax(axis=1)[ever] + 1
    return RejectRate(
        rule, scenario, rejects.shape[0], float(ever.mean()), float(np.median(stops)) if ever.any() else None
    )
