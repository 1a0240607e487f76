"""Trials of a pair made without a database: for sections that read nothing else."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Sequence
from typing import Any

import numpy as np

from studyweb.dashboard.advice_facts import AdviceFacts, ItemFacts
from studyweb.dashboard.pair_trials import PairTrial
from studyweb.dashboard.sections.section import PairData
from studyweb.studies.models import Study, System
from tests.factories import PLAN

CHOICES = {1: "a_clearly", 0: "no_preference", -1: "b_clearly"}


def made_system(label: str, **fields: Any) -> System:
    return System(label=label, key=label.lower(), **{"kind": System.Kind.MODEL, **fields})


def made_data(trials: Sequence[PairTrial], *, ties: str = "half", **design: Any) -> PairData:
    """A pair's data as a section gets it, all participants kept."""
    plan = copy.deepcopy(PLAN)
    plan["analysis"]["ties"] = ties
    plan["design"] |= design
    study = Study(plan=plan)
    return PairData(
        study, made_system("First"), made_system("Second"), trials, trials, "new_participants_and_tracks", 0.95
    )


def made_trial(
    person: int,
    track: int,
    preference: int,
    *,
    first: dict[str, float] | None,
    second: dict[str, float] | None,
    left_db: tuple[float, float] = (0.0, 0.0),
    words: tuple[int, int] = (5, 5),
    first_choice: int | None = None,
) -> PairTrial:
    """A trial with the first system in A; `first` and `second` are the advised changes, None where unreadable."""
    answers = {"final_choice": CHOICES[preference]}
    if first_choice is not None:
        answers["first_choice"] = CHOICES[first_choice]
    facts = ItemFacts(
        problem_db=3.0,
        largest_db=6.0,
        first=AdviceFacts(first, None if first is None else left_db[0], words[0]),
        second=AdviceFacts(second, None if second is None else left_db[1], words[1]),
    )
    return PairTrial(uuid.UUID(int=person), track, "pop", True, False, answers, item=track, facts=facts)


def made_trials(*, people: int = 24, tracks: int = 12, slope: float = 1.0, seed: int = 3) -> list[PairTrial]:
    """Everybody on every second track; the more accurate advice wins by `slope` log-odds for each dB."""
    rng = np.random.default_rng(seed)
    lead_db = rng.normal(0.5, 1.5, tracks)
    trials = []
    for person in range(people):
        for track in range(person % 2, tracks, 2):
            value = slope * lead_db[track] + rng.logistic()
            preference = 0 if abs(value) < 0.3 else int(np.sign(value))
            first_choice = int(rng.integers(-1, 2)) if rng.random() < 0.5 else None
            trials.append(
                made_trial(
                    person,
                    track,
                    preference,
                    first={"drums": 3.0} if track % 3 else {"drums": 3.0, "bass": 1.0},
                    second={"drums": 3.0 + (track % 4) / 2},
                    left_db=(1.0, 1.0 + float(lead_db[track])),
                    words=(8 + track % 5, 8 - track % 3),
                    first_choice=first_choice,
                )
            )
    return trials
