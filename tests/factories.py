"""Small real studies for tests: rows as the study services make them, and half a second of real FLAC for every stem."""

from __future__ import annotations

import copy
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from datagen.stem_flac import write_stems
from datagen.words import STEMS
from studyweb.studies.models import Advice, Item, StemAudio, Study, System, Track
from studyweb.trials.answers import store_answers
from studyweb.trials.models import Participant, Trial
from studyweb.trials.scripted import DjangoTransport, Rule, ScriptedParticipant, Session, seeded_rule
from studyweb.trials.session import join_study, store_page
from studyweb.trials.submissions import Submission, read_submission

SAMPLE_RATE = 8_000
LENGTH_S = 0.5
AGREED = {"take_part": True, "publish_answers": True}

SYSTEMS: tuple[dict[str, Any], ...] = (
    {
        "key": "differential",
        "label": "Differential, same passage",
        "kind": "model",
        "adapter": "stems_ref",
        "trained_on": "stems_ref",
        "shown": "stems_ref",
        "reference_kind": "same_passage",
    },
    {
        "key": "baseline",
        "label": "Baseline, mix alone",
        "kind": "model",
        "adapter": "mix",
        "trained_on": "mix",
        "shown": "mix",
        "reference_kind": "none",
    },
    {"key": "oracle", "label": "Calculated", "kind": "oracle", "shown": "stems_ref", "reference_kind": "same_passage"},
    {"key": "nothing", "label": "Nothing to change", "kind": "constant"},
)

PLAN: dict[str, Any] = {
    "schema_version": 1,
    "slug": "test",
    "title": "A second opinion",
    "claim": "ceiling",
    "language": "en",
    "contact": {"name": "Somebody", "email": "somebody@example.org"},
    "texts": {
        "information": "You read advice written by computer programs and hear what it does. Some of it is wrong.",
        "debrief": "Thank you. The passages had been changed by us.",
        "frame": "A colleague sends you this balance and asks for a second opinion.",
    },
    "consents": [
        {"key": "take_part", "text": "I want to take part.", "required": True},
        {"key": "publish_answers", "text": "My answers may be published.", "required": False},
    ],
    "excerpts": {"source": "procedural", "root": "", "rule": {"tracks": 12, "length_s": 20, "seed": 7}},
    "design": {
        "trials": [{"pair": ["differential", "baseline"], "count": 6}],
        "repeats": 1,
        "checks": [{"kind": "oracle_against_nothing", "pair": ["oracle", "nothing"], "count": 1}],
        "practice": 1,
        "meetings_per_track": 1,
        "steps": ["read", "hear"],
        "criteria": "default",
        "ask_first_choice_share": 0.5,
        "ask_scales_share": 0.5,
        "ask_improvement_share": 0.5,
        "audition": {"mode": "read_then_heard", "solo": True, "gate_seconds": 3},
        "comment": True,
        "confidence": False,
        "unreadable_advice": "counts",
    },
    "exclusions": [],
    "analysis": {
        "primary": {"pair": ["differential", "baseline"], "estimand": "new_participants_and_tracks"},
        "ties": "half",
        "level": 0.95,
    },
    "recruitment": {"target_participants": 24, "completion_url": ""},
}


def make_user(name: str = "") -> Any:
    """A researcher with the password `secret`."""
    name = name or f"researcher-{uuid.uuid4().hex[:12]}"
    return get_user_model().objects.create_user(name, password="secret")


def make_study(
    *,
    systems: Sequence[Mapping[str, Any]] = SYSTEMS,
    items: int = 12,
    tracks: int | None = None,
    extra_items: int = 2,
    state: str = "open",
    owner: Any = None,
    simulated: bool = False,
    design: Mapping[str, Any] | None = None,
    audio: bool = True,
    **plan: Any,
) -> Study:
    """A study with its items, advice of every system and stems.

    `items` scored items on `tracks` tracks (default: each on its own), then `extra_items`: checks, the last one
    practice. `design` and other keys replace parts of PLAN. Without `audio` no file is written.
    """
    study = _make_empty_study(systems, owner=owner, simulated=simulated, design=design or {}, **plan)
    rows = [_make_track(study, number) for number in range((tracks or items) + extra_items)]
    for position in range(items):
        make_item(study, track=rows[position % (tracks or items)], audio=audio)
    for extra in range(extra_items):
        role = Item.Role.PRACTICE if extra == extra_items - 1 else Item.Role.CHECK
        make_item(study, track=rows[(tracks or items) + extra], role=role, audio=audio)
    study.state = state
    study.opened_at = timezone.now() if state != Study.State.DRAFT else None
    study.closed_at = timezone.now() if state == Study.State.CLOSED else None
    study.save()
    return study


def _make_empty_study(
    systems: Sequence[Mapping[str, Any]], *, owner: Any, simulated: bool, design: Mapping[str, Any], **plan: Any
) -> Study:
    slug = f"test-{uuid.uuid4().hex[:12]}"
    whole = copy.deepcopy({**PLAN, "systems": [dict(system) for system in systems], **plan, "slug": slug})
    whole["design"] |= copy.deepcopy(dict(design))
    text = json.dumps(whole)
    study = Study.objects.create(
        slug=slug,
        title=whole["title"],
        owner=owner or make_user(),
        is_simulated=simulated,
        file_text=text,
        file_sha256=_sha256(text),
        plan=whole,
    )
    for position, system in enumerate(systems):
        fields = {name: system[name] for name in ("trained_on", "shown", "reference_kind") if name in system}
        label = system.get("label", system["key"])
        System.objects.create(
            study=study,
            position=position,
            key=system["key"],
            label=label,
            kind=system["kind"],
            entry=dict(system),
            **fields,
        )
    return study


def _make_track(study: Study, number: int) -> Track:
    return Track.objects.create(
        study=study,
        source="procedural",
        key=f"study-{number:04d}",
        title=f"Song {number}",
        artist="Nobody",
        genre="pop",
        licence="CC0-1.0",
        attribution=f"Song {number}, made by the generator",
        may_serve=True,
        may_publish=True,
        sample_rate=SAMPLE_RATE,
        length_samples=60 * SAMPLE_RATE,
        source_sha256=_sha256(f"song {number}"),
    )


def make_item(study: Study, *, track: Track, role: str = Item.Role.SCORED, audio: bool = True) -> Item:
    """One more item of a study: the stem of its turn too loud by 3 to 8 dB, advice of every system, stems."""
    position = study.items.count()
    loud, gain_db = STEMS[position % len(STEMS)], float(3 + position % 6)
    item = Item.objects.create(
        study=study,
        track=track,
        position=position,
        role=role,
        start_samples=0,
        length_samples=round(LENGTH_S * SAMPLE_RATE),
        brief="Pop, chorus; the vocals should lead.",
        recipe={"disturbance_db": {loud: gain_db}, "audible": list(STEMS)},
        correction={loud: -gain_db},
        attenuation_db=-3.0,
        frames=round(LENGTH_S * SAMPLE_RATE),
        sample_rate=SAMPLE_RATE,
        waveform=[0, 128, 255, 128],
        stimulus_ready_at=timezone.now(),
    )
    Advice.objects.bulk_create(
        make_advice(item, system, changes=advised(system.kind, system.key, item), save=False)
        for system in study.systems.all()
    )
    _make_stems(item, audio=audio)
    return item


def advised(kind: str, key: str, item: Item) -> dict[str, float]:
    """What a system of these tests advises: the oracle and `differential` the whole correction, others half of it."""
    if kind == System.Kind.CONSTANT:
        return {}
    if kind == System.Kind.SABOTAGED:
        return {stem: -gain_db for stem, gain_db in item.correction.items()}
    share = 1.0 if kind == System.Kind.ORACLE or key == "differential" else 0.5
    return {stem: gain_db * share for stem, gain_db in item.correction.items()}


def make_advice(
    item: Item, system: System, *, changes: Mapping[str, float] | None, text: str = "", save: bool = True
) -> Advice:
    """One advice; changes None makes it unreadable."""
    if changes is None:
        text = text or "Give it some more love."
    else:
        moves = [f"Turn {stem} by {gain_db:+g} dB." for stem, gain_db in changes.items()]
        text = text or " ".join(moves) or "I would leave this as it is."
    advice = Advice(
        item=item,
        system=system,
        text=text,
        finding=f"Against the balanced version: {text}",
        text_sha256=_sha256(text),
        changes=None if changes is None else dict(changes),
        not_actionable="" if changes is not None else "no gain changes found",
        trim_db=0.0 if changes is None else round(0.1 * len(changes), 3),
        loudness_lufs=-23.0,
        true_peak_dbtp=-3.0,
    )
    if save:
        advice.save()
    return advice


def _make_stems(item: Item, *, audio: bool) -> None:
    folder = Path("stimuli") / uuid.uuid4().hex
    if audio:
        files = write_stems(
            _sines(item), SAMPLE_RATE, names=STEMS, folder=Path(settings.MEDIA_ROOT) / folder, written=lambda _: None
        )
        described = [(each.stem, each.file_name, each.bytes, each.sha256) for each in files]
    else:
        described = [(stem, f"{uuid.uuid4().hex}.flac", 1, _sha256(stem)) for stem in STEMS]
    StemAudio.objects.bulk_create(
        StemAudio(
            item=item,
            position=position,
            stem=stem,
            path=(folder / name).as_posix(),
            size_bytes=size_bytes,
            sha256=sha256,
        )
        for position, (stem, name, size_bytes, sha256) in enumerate(described)
    )


def _sines(item: Item) -> np.ndarray[Any, Any]:
    time_s = np.arange(round(LENGTH_S * SAMPLE_RATE)) / SAMPLE_RATE
    pitches = 110.0 * (1 + np.arange(len(STEMS)) + 0.1 * item.position)
    return np.float32(0.1) * np.stack([[np.sin(2 * np.pi * pitch * time_s)] * 2 for pitch in pitches]).astype(
        np.float32
    )


def post(step: str, value: str, *, revision: int = 1, client_uuid: str = "") -> dict[str, Any]:
    """One answer as the page posts it."""
    return {"client_uuid": client_uuid or str(uuid.uuid4()), "step": step, "revision": revision, "value": value}


def submission(*answers: dict[str, Any], **context: Any) -> Submission:
    """A post of answers as the server reads it."""
    return read_submission({"answers": list(answers), "context": context})


def read_answers(trial: Trial) -> list[dict[str, Any]]:
    """Answers to everything that the reading step requires."""
    return _required_answers(trial, "read")


def hear_answers(trial: Trial) -> list[dict[str, Any]]:
    """Answers to everything that the hearing step requires."""
    return _required_answers(trial, "hear")


def _required_answers(trial: Trial, name: str) -> list[dict[str, Any]]:
    questions = next((step["questions"] for step in trial.steps if step["name"] == name), [])
    required = [each for each in questions if each["required"] and each["show_if"] is None]
    return [post(question["name"], question["options"][0]["value"]) for question in required]


def answer_trial(trial: Trial) -> None:
    """Answer everything a trial requires, through the service that the page uses."""
    store_answers(trial, submission(*read_answers(trial), step="read"))
    store_answers(trial, submission(*hear_answers(trial), step="hear"))
    if any(step["name"] == "guess" for step in trial.steps):
        store_answers(trial, submission(post("heard_more", "cant_tell"), step="guess"))


def take_part(study: Study, *, trials: int | None = None, token: str = "", is_test: bool = False) -> Participant:
    """Somebody who joined, told about themselves and answered `trials` trials (default: all of them)."""
    joined = join_study(study, token=token or uuid.uuid4().hex, consents=AGREED, recruiter={}, is_test=is_test)
    for page in ("background", "setup"):
        store_page(joined.participant, page, {})
    for trial in joined.participant.trials.order_by("position")[:trials]:
        answer_trial(trial)
    return Participant.objects.get(pk=joined.participant.pk)


def play_session(study: Study, *, rule: Rule | None = None, **options: Any) -> Session:
    """A whole session by a scripted participant, straight into Django."""
    player = ScriptedParticipant(DjangoTransport(), rule=rule or seeded_rule(0), load_audio=False, **options)
    return player.complete(study.public_id)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def join(study: Study, **options: Any) -> ScriptedParticipant:
    """A scripted participant who has agreed, answered about themselves and stands before the first trial."""
    player = ScriptedParticipant(DjangoTransport(), load_audio=False, **options)
    player.join(study.public_id)
    player.submit_page("/t/background/")
    player.submit_page("/t/setup/")
    return player
