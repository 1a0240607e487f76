"""Planning by simulation: what interval and what power a design would give, and where more participants stop helping.

Studies are drawn from answer_model.py and analysed as the results page analyses them. Assumptions are inputs, never
estimates of an effect from a pilot. That tracks limit power whatever the number of participants: Westfall, Kenny & Judd
2014 (J. Exp. Psychol. Gen. 143(5)).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from studyweb.stats.answer_model import AnswerModel, AnswerModelError, deal_meetings, draw_scores, mirrored_effects
from studyweb.stats.clusters import Estimand
from studyweb.stats.many_studies import ManyIntervals, primary_intervals

STUDIES = 400
"""Simulated studies for each line of a plan: power is then known to 2.5 percentage points (one standard error)."""
STUDIES_A_DEAL = 100
"""Simulated studies that share who judges what; fewer of large ones."""
ANSWERS_A_DEAL = 500_000
"""Answers drawn at once, so that a plan needs tens of megabytes."""
MOST_ANSWERS = 50_000
"""Of one simulated study; beyond it nothing here is limited by answers."""
CEILING_TIMES = 10
"""The track ceiling is shown with ten times the participants."""


@dataclass(frozen=True)
class Design:
    """The size of a study: trials of the planned pair per participant, each on another track."""

    participants: int
    tracks: int
    trials_each: int
    completion: float = 1.0
    """Share of participants who complete; the others count for nothing here."""

    def __post_init__(self) -> None:
        if min(self.participants, self.tracks) < 2 or self.trials_each < 1:
            raise AnswerModelError("a plan needs at least two participants, two tracks and one trial each")
        if not 0.0 < self.completion <= 1.0:
            raise AnswerModelError(f"the share who complete must lie above 0 and at most at 1, not {self.completion}")
        if self.participants * self.trials_each > MOST_ANSWERS:
            raise AnswerModelError(f"at most {MOST_ANSWERS:,} answers can be simulated; this design has more")

    @property
    def completed(self) -> int:
        """Participants whose answers count, at least two."""
        return max(2, round(self.participants * self.completion))

    @property
    def judged_each(self) -> int:
        """Trials of one participant; a track is met once."""
        return min(self.trials_each, self.tracks)


@dataclass(frozen=True)
class PlanLine:
    """What one design would give under one model; shares over simulated studies."""

    design: Design
    estimand: Estimand
    level: float
    studies: int
    half_width: float
    """Median half width of the interval, on the rate."""
    half_width_90: float
    """Nine in ten intervals are at most this wide to either side."""
    power: float
    """Share of studies whose interval leaves out one half, on the model's side of it."""
    power_se: float
    """Monte Carlo standard error of `power`."""

    @property
    def half_width_points(self) -> float:
        """The median half width in percentage points."""
        return 100 * self.half_width


@dataclass(frozen=True)
class Plan:
    """A planned study beside more participants and more tracks, all under one stated model."""

    model: AnswerModel
    planned: PlanLine
    more_participants: tuple[PlanLine, ...]
    more_tracks: tuple[PlanLine, ...]
    ceiling: PlanLine
    """The same tracks with CEILING_TIMES the participants: what recruiting alone can reach."""
    notes: tuple[str, ...]

    @property
    def lines(self) -> tuple[tuple[str, PlanLine], ...]:
        """Every line with its title, this study first."""
        return (
            ("This study", self.planned),
            *(("More people", line) for line in self.more_participants),
            *(("More tracks", line) for line in self.more_tracks),
            ("Many more people", self.ceiling),
        )


def plan_study(
    design: Design,
    model: AnswerModel,
    *,
    estimand: Estimand = "new_participants_and_tracks",
    level: float = 0.95,
    studies: int = STUDIES,
    seed: int = 1,
) -> Plan:
    """Power and precision of a design, of larger ones, and the ceiling that its tracks set.

    Raises AnswerModelError for designs or models that cannot be.
    """

    def line(other: Design) -> PlanLine:
        return simulate_design(other, model, estimand=estimand, level=level, studies=studies, seed=seed)

    planned = line(design)
    people = tuple(line(replace(design, participants=times * design.participants)) for times in _times(design, 2, 4))
    tracks = tuple(line(replace(design, tracks=times * design.tracks)) for times in (2, 4))
    (most,) = _times(design, CEILING_TIMES) or (1,)
    ceiling = line(replace(design, participants=most * design.participants))
    return Plan(model, planned, people, tracks, ceiling, tuple(_notes(planned, ceiling, tracks)))


def _times(design: Design, *wanted: int) -> Sequence[int]:
    """The multiples of the participants that can still be simulated, without repetitions and above 1."""
    most = MOST_ANSWERS // (design.participants * design.trials_each)
    return [times for times in dict.fromkeys(min(each, most) for each in wanted) if times > 1]


def simulate_design(
    design: Design,
    model: AnswerModel,
    *,
    estimand: Estimand = "new_participants_and_tracks",
    level: float = 0.95,
    studies: int = STUDIES,
    seed: int = 1,
) -> PlanLine:
    """One design's intervals over simulated studies; the same seed gives the same line."""
    rng = np.random.default_rng([seed, design.completed, design.tracks, design.judged_each])
    parts = [_intervals(design, model, estimand, level, size, rng) for size in _deals(design, studies)]
    half_width = np.concatenate([part.half_width for part in parts])
    decided = np.concatenate([part.low > 0.5 if model.rate >= 0.5 else part.high < 0.5 for part in parts])
    power = float(decided.mean())
    return PlanLine(
        design=design,
        estimand=estimand,
        level=level,
        studies=studies,
        half_width=float(np.median(half_width)),
        half_width_90=float(np.quantile(half_width, 0.9)),
        power=power,
        power_se=math.sqrt(power * (1 - power) / studies),
    )


def _deals(design: Design, studies: int) -> Iterator[int]:
    at_once = max(1, min(STUDIES_A_DEAL, ANSWERS_A_DEAL // (design.completed * design.judged_each)))
    while studies > 0:
        yield min(studies, at_once)
        studies -= at_once


def _intervals(
    design: Design, model: AnswerModel, estimand: Estimand, level: float, studies: int, rng: np.random.Generator
) -> ManyIntervals:
    meetings = deal_meetings(np.full(design.completed, design.judged_each), tracks=design.tracks, rng=rng)
    effects = None
    if estimand == "new_participants":
        effects = mirrored_effects(model.track_sd, meetings, studies=studies, rng=rng)
    scores = draw_scores(model, meetings, studies=studies, rng=rng, track_effects=effects)
    return primary_intervals(scores, meetings, level=level, estimand=estimand)


def _notes(planned: PlanLine, ceiling: PlanLine, tracks: Sequence[PlanLine]) -> Iterator[str]:
    design = planned.design
    if design.judged_each < design.trials_each:
        yield f"{design.trials_each} trials each, but {design.tracks} tracks: a track counts once per person."
    if planned.estimand == "new_participants":
        yield "These tracks, other participants: nothing here says what other tracks would give."
    elif ceiling.design.participants > design.participants:
        yield (
            f"{design.tracks} tracks are a ceiling: with {ceiling.design.participants} participants instead of "
            f"{design.participants} power goes from {_percent(planned)} to {_percent(ceiling)} and the half width from "
            f"{planned.half_width_points:.1f} to {ceiling.half_width_points:.1f} percentage points; "
            f"{tracks[0].design.tracks} tracks with {design.participants} participants give {_percent(tracks[0])} and "
            f"{tracks[0].half_width_points:.1f}."
        )


def _percent(line: PlanLine) -> str:
    return f"{100 * line.power:.0f} %"
