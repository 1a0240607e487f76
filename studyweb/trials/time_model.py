"""How long a session takes, computed from the study file, so that the page can promise it.

The rule, in seconds: a trial is one pass of the excerpt as it is, the texts at 3 words a second, one pass of each
advice applied plus the asked seconds of listening, and a fixed time for every question. Figures chosen from the
literature on listening sessions (20 to 30 minutes for 10 to 15 trials, BS.1534-3) and to be replaced by measured ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from studyweb.studies.models import Study
from studyweb.trials.models import Trial

READ_TEXT_S = 12.0
"""Two advices of about 18 words, 3 words a second."""
QUESTION_S = {"choice": 5.0, "rating": 4.0, "keep": 3.0, "text": 8.0, "faders": 45.0}
BEFORE_TRIALS_S = 150.0
"""Information, consent, background and set-up."""
AFTER_TRIALS_S = 60.0
DEFAULT_EXCERPT_S = 20.0


def session_minutes(study: Study) -> int:
    """Whole minutes a session of this study takes, from the link to the thanks page."""
    design = study.plan["design"]
    trials_s = trials_in_session(study) * _planned_trial_s(design, _excerpt_s(study))
    return _whole_minutes(BEFORE_TRIALS_S + trials_s + AFTER_TRIALS_S)


def trials_in_session(study: Study) -> int:
    """Trials a participant meets: scored, repeats, checks and practice."""
    design = study.plan["design"]
    scored = sum(int(entry["count"]) for entry in design["trials"])
    checks = sum(int(check["count"]) for check in design["checks"])
    return scored + checks + int(design["repeats"]) + int(design["practice"])


def minutes_left(trial: Trial) -> int:
    """Whole minutes from the start of this trial to the end of the session."""
    study = trial.participant.study
    rest = trial.participant.trials.filter(position__gte=trial.position, completed_at__isnull=True)
    audition = study.plan["design"]["audition"]
    excerpt_s = _excerpt_s(study)
    trials_s = sum(_trial_s(_kinds(steps), audition, excerpt_s) for steps in rest.values_list("steps", flat=True))
    return _whole_minutes(trials_s + AFTER_TRIALS_S)


def _whole_minutes(seconds: float) -> int:
    """Rounded up, from whole seconds: what a sum of fractions adds by rounding is no further minute."""
    return math.ceil(round(seconds) / 60)


def _planned_trial_s(design: Mapping[str, Any], excerpt_s: float) -> float:
    """The expected questions of a trial by the design's shares: final choice, two keeps, and the drawn parts."""
    kinds_s = QUESTION_S["choice"] * (1 + design["ask_first_choice_share"]) + QUESTION_S["keep"] * 2
    kinds_s += QUESTION_S["rating"] * 4 * (design["ask_scales_share"] + design["ask_improvement_share"])
    kinds_s += QUESTION_S["text"] * design["comment"] + QUESTION_S["rating"] * design["confidence"]
    kinds_s += QUESTION_S["faders"] * (design["audition"]["mode"] == "own_fix")
    return _listening_s(design["audition"], excerpt_s) + float(kinds_s)


def _trial_s(kinds: Iterable[str], audition: Mapping[str, Any], excerpt_s: float) -> float:
    return _listening_s(audition, excerpt_s) + sum(QUESTION_S[kind] for kind in kinds)


def _listening_s(audition: Mapping[str, Any], excerpt_s: float) -> float:
    reading_s = 0.0 if audition["mode"] == "heard_only" else READ_TEXT_S
    hearing_s = 0.0 if audition["mode"] == "text_only" else 2 * (excerpt_s + audition["gate_seconds"])
    return excerpt_s + reading_s + hearing_s


def _kinds(steps: list[dict[str, Any]]) -> list[str]:
    return [question["kind"] for step in steps for question in step["questions"] if question["show_if"] is None]


def _excerpt_s(study: Study) -> float:
    excerpts = study.plan.get("excerpts", {})
    if "list" in excerpts:
        return float(max(entry["length_s"] for entry in excerpts["list"]))
    return float(excerpts.get("rule", {}).get("length_s", DEFAULT_EXCERPT_S))
