"""How long what is left of a session takes, by the questions that were drawn for it."""

from __future__ import annotations

from typing import Any

from studyweb.studies.session_length import AFTER_TRIALS_S, excerpt_s, trial_s, whole_minutes
from studyweb.trials.models import Trial


def minutes_left(trial: Trial) -> int:
    """Whole minutes from the start of this trial to the end of the session."""
    plan = trial.participant.study.plan
    rest = trial.participant.trials.filter(position__gte=trial.position, completed_at__isnull=True)
    audition, length_s = plan["design"]["audition"], excerpt_s(plan)
    trials_s = sum(trial_s(_kinds(steps), audition, length_s) for steps in rest.values_list("steps", flat=True))
    return whole_minutes(trials_s + AFTER_TRIALS_S)


def _kinds(steps: list[dict[str, Any]]) -> list[str]:
    return [question["kind"] for step in steps for question in step["questions"] if question["show_if"] is None]
