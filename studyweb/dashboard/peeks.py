"""Looking at a study before its end: only where its file declares how, one number per person, every look logged."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.db import transaction

from studyweb.dashboard.pair_trials import pair_trials
from studyweb.dashboard.results import PRIMARY_QUESTION
from studyweb.stats.codes import score_of_preference
from studyweb.stats.sequential import NO_LOOKS, Look, PeekRefusedError, take_look, why_no_peek
from studyweb.studies.log import log_action
from studyweb.studies.models import Study, System
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Participant

LOOKED = "looked"
"""The action in the study's log."""


def method_of_looking(study: Study) -> str:
    """What the study file declares; files from before there was a choice declare none."""
    return str(study.plan["analysis"].get("sequential", NO_LOOKS))


def why_not_to_look(study: Study) -> str:
    """Why the study cannot be looked at now; empty when it can."""
    if study.state == Study.State.DRAFT:
        return "the study has not been opened"
    estimand = str(study.plan["analysis"]["primary"]["estimand"])
    method = method_of_looking(study)
    return why_no_peek(method, estimand=estimand) or why_no_peek(
        method, estimand=estimand, participants=len(participant_means(study))
    )


@transaction.atomic
def look_at(study: Study, *, actor: str) -> Look:
    """The state of the primary comparison after the participants so far; logged. Everything else stays masked.

    Raises PeekRefusedError with the reason where no valid statement can be made; nothing is logged then.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    look = _look(study, earlier=earlier_looks(study))
    if study.is_masked:
        detail = {"method": look.method, "participants": look.n_participants}
        log_action(study, actor=actor, action=LOOKED, detail=detail)
    return look


def final_look(study: Study) -> Look | None:
    """The look at everybody, for the results page of an unblinded study; None where it declares no method.

    Once people have looked, this and not the fixed interval is what holds. Raises PeekRefusedError where even the end
    allows no statement (too few participants).
    """
    if study.is_masked or method_of_looking(study) == NO_LOOKS:
        return None
    return _look(study, earlier=[n for n in earlier_looks(study) if n < len(participant_means(study))])


def earlier_looks(study: Study) -> list[int]:
    """Numbers of participants at the looks so far, oldest first."""
    return [int(entry.detail["participants"]) for entry in study.log.filter(action=LOOKED)]


def _look(study: Study, *, earlier: list[int]) -> Look:
    if reason := why_not_to_look(study):
        raise PeekRefusedError(reason)
    analysis: dict[str, Any] = study.plan["analysis"]
    return take_look(
        participant_means(study),
        method=analysis["sequential"],
        estimand=analysis["primary"]["estimand"],
        planned_participants=int(study.plan["recruitment"]["target_participants"]),
        level=float(analysis["level"]),
        earlier_looks=earlier,
    )


def participant_means(study: Study) -> list[float]:
    """The mean score of the primary pair's first system for everybody who has completed, in that order.

    Who is excluded by a declared rule, withdrew or only tested is left out, as in the results.
    """
    first, second = primary_systems(study)
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    scores: dict[UUID, list[float]] = defaultdict(list)
    for trial in pair_trials(study, first, second, excluded=excluded):
        preference = trial.preference(PRIMARY_QUESTION)
        if preference is not None and not trial.is_excluded:
            scores[trial.participant].append(score_of_preference(preference))
    completed = Participant.objects.filter(study=study, state=Participant.State.COMPLETED)
    in_order = completed.order_by("completed_at", "id").values_list("pk", flat=True)
    return [sum(scores[key]) / len(scores[key]) for key in in_order if key in scores]


def primary_systems(study: Study) -> tuple[System, System]:
    """The primary pair, the first system first."""
    systems = {system.key: system for system in study.systems.all()}
    first, second = study.plan["analysis"]["primary"]["pair"]
    return systems[first], systems[second]
