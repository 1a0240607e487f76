"""The stored draw of sides of every session, with the choices made in one pair's trials, for the randomisation test."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

import numpy as np

from studyweb.dashboard.pair_trials import READABLE
from studyweb.stats.ballots import dense_codes
from studyweb.stats.codes import preference_for_first, score_of_preference
from studyweb.stats.randomisation import SessionSides
from studyweb.studies.models import Study, System
from studyweb.trials.drawing import pair_name
from studyweb.trials.models import Trial
from studyweb.trials.selectors import current_answers

FINAL_CHOICE = "final_choice"


def session_sides(study: Study, first: System, second: System, *, excluded: Collection[UUID]) -> list[SessionSides]:
    """Every participant's scored trials as drawn; the rate they give is that of `first` over `second`."""
    choices = _choices(study, first, second)
    turned = pair_name((second.key, first.key))
    drawn = Trial.objects.filter(participant__study=study, participant__is_test=False, role=Trial.Role.SCORED)
    rows = drawn.order_by("participant_id", "position").values_list("participant_id", "pk", "draw")
    return [
        _session([(choices.get(trial), draw) for _, trial, draw in trials], turned)
        for participant, trials in groupby(rows.iterator(2_000), key=lambda row: row[0])
        if participant not in excluded
    ]


def _choices(study: Study, first: System, second: System) -> dict[UUID, str]:
    """{trial: final choice} of the completed trials in which the two met, as the results count them."""
    readable = {} if study.plan["design"]["unreadable_advice"] == "counts" else READABLE
    answers = current_answers(study).filter(
        **readable,
        step=FINAL_CHOICE,
        trial__completed_at__isnull=False,
        trial__advice_a__system__in=[first, second],
        trial__advice_b__system__in=[first, second],
    )
    return dict(answers.values_list("trial_id", "value"))


def _session(trials: list[tuple[str | None, Mapping[str, Any]]], turned: str) -> SessionSides:
    return SessionSides(
        block_sizes=[int(draw["block"]) for _, draw in trials],
        pair=dense_codes(np.array([str(draw["pair"]) for _, draw in trials])),
        first_in_a=np.array([bool(draw["first_in_a"]) for _, draw in trials]),
        slot_a=np.array([_for_slot_a(choice, is_turned=draw["pair"] == turned) for choice, draw in trials]),
    )


def _for_slot_a(choice: str | None, *, is_turned: bool) -> float:
    """The choice of slot A; turned round where the draw names the pair the other way, so that sides agree."""
    if choice is None:
        return float("nan")
    return score_of_preference(preference_for_first(choice, first_is_a=not is_turned))
