"""The data of the trial page: slots A and B, opaque ids, never a system, a role of check or repeat, or the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from datagen.words import SPOKEN_STEMS
from studyweb.studies.models import Advice, Item, StemAudio
from studyweb.trials.answers import current_revisions, current_step, values_of
from studyweb.trials.assignment import can_be_heard
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.own_fix import FIX_STEP, is_fix_due
from studyweb.trials.time_model import minutes_left

Json = dict[str, Any]
RENEW_SALT = "mixtrial.renew"
TRIAL_PARTS = ("participant__study", "item", "advice_a", "advice_b")
"""What a trial is loaded with, so that its data takes few queries."""


def trial_data(trial: Trial) -> Json:
    """What the trial page needs, all of it safe to be read in developer tools.

    Gains appear under `conditions` only once the reading step is over. Checks and repeats look like any other trial.
    """
    plan = trial.participant.study.plan
    stored = current_revisions(trial)
    step = current_step(trial, values_of(stored))
    return {
        "trial": trial.public_id,
        **_progress(trial),
        "mode": plan["design"]["audition"]["mode"],
        "frame": plan["texts"]["frame"],
        "brief": trial.item.brief,
        "audio": _audio(trial.item, plan["design"]["audition"]),
        "texts": texts_of(trial),
        "steps": [_translated(each) for each in trial.steps],
        "current_step": step,
        "answers": answers_data(stored),
        "conditions": conditions_of(trial),
        "urls": _urls(trial),
        "renew_token": renew_token(trial.participant),
        "prefetch": [_audio_url(stem) for stem in _next_stems(trial)],
    }


def _progress(trial: Trial) -> Json:
    """Where this trial stands among those that look alike: practice apart, everything else together."""
    is_practice = trial.role == Trial.Role.PRACTICE
    roles = trial.participant.trials.order_by("position").values_list("position", "role")
    alike = [position for position, role in roles if (role == Trial.Role.PRACTICE) == is_practice]
    return {
        "number": alike.index(trial.position) + 1,
        "of": len(alike),
        "practice": is_practice,
        "minutes_left": minutes_left(trial),
    }


def _audio(item: Item, audition: Mapping[str, Any]) -> Json:
    return {
        "sample_rate": item.sample_rate,
        "frames": item.frames,
        "stems": [_stem(stem) for stem in item.stems.all()],
        "waveform": item.waveform,
        "solo": audition["solo"],
        "gate_seconds": audition["gate_seconds"],
    }


def _stem(stem: StemAudio) -> Json:
    label = _(SPOKEN_STEMS.get(stem.stem, stem.stem).removeprefix("the "))
    return {"name": stem.stem, "label": label, "url": _audio_url(stem), "bytes": stem.size_bytes}


def _audio_url(stem: StemAudio) -> str:
    return reverse("trials:audio", args=[stem.public_id])


def _next_stems(trial: Trial) -> Sequence[StemAudio]:
    following = trial.participant.trials.filter(position=trial.position + 1).select_related("item").first()
    return list(following.item.stems.all()) if following else []


def texts_of(trial: Trial) -> dict[str, str] | None:
    """The two texts by slot; None in a study whose trials are heard only, and before the own fix is stored."""
    if trial.participant.study.plan["design"]["audition"]["mode"] == "heard_only" or is_fix_due(trial):
        return None
    return {"A": trial.advice_a.text, "B": trial.advice_b.text}


def fix_data(trial: Trial) -> Json:
    """What a reply adds in trials with an own fix: the texts, once it is stored."""
    return {"texts": texts_of(trial)} if any(step["name"] == FIX_STEP for step in trial.steps) else {}


def _translated(step: Mapping[str, Any]) -> Json:
    return {
        "name": step["name"],
        "title": _(step["title"]),
        "questions": [translated_question(question) for question in step["questions"]],
    }


def translated_question(question: Mapping[str, Any]) -> Json:
    """A stored question in the language of the page."""
    options = [{**option, "label": _(option["label"])} for option in question["options"]]
    return {**question, "prompt": _(question["prompt"]), "options": options}


def answers_data(stored: Mapping[str, Answer]) -> Json:
    """{question: {value, revision}} of the newest answers."""
    return {step: {"value": answer.value, "revision": answer.revision} for step, answer in stored.items()}


def conditions_of(trial: Trial) -> Json | None:
    """Gains and trims in dB of the three conditions, or None while they must not be known yet.

    In a study without a reading step they are there from the start; in one that is read only, never. Where one advice
    cannot be read, neither is heard.
    """
    names = [step["name"] for step in trial.steps]
    if "hear" not in names or ("read" in names[: names.index("hear")] and trial.read_at is None):
        return None
    stems = [stem.stem for stem in trial.item.stems.all()]
    problem = {"gains_db": dict.fromkeys(stems, 0.0), "trim_db": 0.0}
    if not can_be_heard(trial.advice_a, trial.advice_b):
        return {"problem": problem, "A": {"readable": False}, "B": {"readable": False}}
    return {"problem": problem, "A": _condition(trial.advice_a, stems), "B": _condition(trial.advice_b, stems)}


def _condition(advice: Advice, stems: Sequence[str]) -> Json:
    changes = advice.changes or {}
    return {
        "readable": True,
        "gains_db": {stem: float(changes.get(stem, 0.0)) for stem in stems},
        "trim_db": round(advice.trim_db or 0.0, 4) + 0.0,
    }


def _urls(trial: Trial) -> dict[str, str]:
    return {
        "answers": reverse("trials:answers", args=[trial.public_id]),
        "conditions": reverse("trials:conditions", args=[trial.public_id]),
        "events": reverse("trials:events"),
        "next": reverse("trials:here"),
        "heartbeat": reverse("trials:heartbeat"),
        "renew": reverse("trials:renew"),
    }


def renew_token(participant: Participant) -> str:
    """A signed, expiring token by which an open page gets its access back when the session or CSRF cookie is gone."""
    return signing.dumps(participant.public_id, salt=RENEW_SALT)
