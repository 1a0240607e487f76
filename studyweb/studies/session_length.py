"""How long a session takes, computed from the study file, so that the page can promise it.

The rule, in seconds: a trial is one pass of the excerpt as it is, the texts at 3 words a second, one pass of each
advice applied plus the asked seconds of listening, and a fixed time for every question. Figures chosen from the
literature on listening sessions (20 to 30 minutes for 10 to 15 trials, BS.1534-3) and to be replaced by measured ones.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from studyweb.studies.plan import check_trials, scored_trials

READ_TEXT_S = 12.0
"""Two advices of about 18 words, 3 words a second."""
QUESTION_S = {"choice": 5.0, "rating": 4.0, "keep": 3.0, "text": 8.0, "faders": 45.0}
BEFORE_TRIALS_S = 150.0
"""Information, consent, background and set-up."""
AFTER_TRIALS_S = 60.0
DEFAULT_EXCERPT_S = 20.0


def planned_minutes(plan: Mapping[str, Any]) -> int:
    """Whole minutes a session of this study file's plan takes, from the link to the thanks page."""
    trials_s = planned_trials(plan) * _planned_trial_s(plan["design"], excerpt_s(plan))
    return whole_minutes(BEFORE_TRIALS_S + trials_s + AFTER_TRIALS_S)


def planned_trials(plan: Mapping[str, Any]) -> int:
    """Trials a participant meets: scored, repeats, checks and practice."""
    design = plan["design"]
    return scored_trials(plan) + check_trials(plan) + int(design["repeats"]) + int(design["practice"])


def trial_s(kinds: Iterable[str], audition: Mapping[str, Any], excerpt_s: float) -> float:
    """Seconds of a trial with questions of these kinds."""
    return _listening_s(audition, excerpt_s) + sum(QUESTION_S[kind] for kind in kinds)


def excerpt_s(plan: Mapping[str, Any]) -> float:
    """Seconds of the longest excerpt."""
    excerpts = plan.get("excerpts", {})
    if "list" in excerpts:
        return float(max(entry["length_s"] for entry in excerpts["list"]))
    return float(excerpts.get("rule", {}).get("length_s", DEFAULT_EXCERPT_S))


def whole_minutes(seconds: float) -> int:
    """Rounded up, from whole seconds: what a sum of fractions adds by rounding is no further minute."""
    return math.ceil(round(seconds) / 60)


def _planned_trial_s(design: Mapping[str, Any], excerpt_s: float) -> float:
    """The expected questions of a trial by the design's shares: final choice, two keeps, and the drawn parts."""
    kinds_s = QUESTION_S["choice"] * (1 + design["ask_first_choice_share"]) + QUESTION_S["keep"] * 2
    kinds_s += QUESTION_S["rating"] * 4 * (design["ask_scales_share"] + design["ask_improvement_share"])
    kinds_s += QUESTION_S["text"] * design["comment"] + QUESTION_S["rating"] * design["confidence"]
    kinds_s += QUESTION_S["faders"] * (design["audition"]["mode"] == "own_fix")
    return _listening_s(design["audition"], excerpt_s) + float(kinds_s)


def _listening_s(audition: Mapping[str, Any], excerpt_s: float) -> float:
    reading_s = 0.0 if audition["mode"] == "heard_only" else READ_TEXT_S
    hearing_s = 0.0 if audition["mode"] == "text_only" else 2 * (excerpt_s + audition["gate_seconds"])
    return excerpt_s + reading_s + hearing_s
