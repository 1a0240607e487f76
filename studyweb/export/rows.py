"""The rows of every exported table, streamed from the database.

Test people and withdrawn participants are left out here, in one place, so no export can hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Count, Q

from studyweb.export.answer_rows import answer_rows, revision_rows
from studyweb.export.ids import track_id
from studyweb.studies.imbalance import imbalance_left_db
from studyweb.studies.models import Advice, Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Event, Participant, Trial
from studyweb.trials.selectors import counted_participants

Row = dict[str, Any]
CHUNK = 2_000


def rows_of(table: str, study: Study) -> Iterator[Row]:
    """A table's rows, columns of systems included; the caller's column list decides what is written."""
    return ROWS[table](study)


def participant_rows(study: Study) -> Iterator[Row]:
    """One row per participant that counts."""
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    completed = Count("trials", filter=Q(trials__completed_at__isnull=False) & ~Q(trials__role=Trial.Role.PRACTICE))
    people = counted_participants(study).annotate(trials_completed=completed).order_by("consented_at", "pk")
    for participant in people.iterator(CHUNK):
        yield {
            "participant_id": participant.public_id,
            **{name: getattr(participant, name) for name in ("state", "consented_at", "completed_at")},
            "trials_completed": participant.trials_completed,
            "excluded": participant.pk in excluded,
            **_what_they_said(participant),
            "draw": participant.draw,
        }


def _what_they_said(participant: Participant) -> Row:
    return {
        **{key: participant.background.get(key) for key in ("years_mixing", "role", "listening", "device")},
        "consents": participant.consents,
        "setup": participant.setup or None,
        "task_clear": participant.closing.get("task_clear"),
        "closing_comment": participant.closing.get("comment"),
    }


def track_rows(study: Study) -> Iterator[Row]:
    """One row per track."""
    for track in study.tracks.iterator(CHUNK):
        yield {"track_id": track_id(track.pk), **{name: getattr(track, name) for name in _TRACK_FIELDS}}


_TRACK_FIELDS = ("title", "artist", "genre", "source", "licence", "attribution", "source_sha256")


def item_rows(study: Study) -> Iterator[Row]:
    """One row per item: where the excerpt lies, and what was done to it."""
    for item in study.items.select_related("track").iterator(CHUNK):
        yield {
            "item_id": item.public_id,
            "track_id": track_id(item.track_id),
            **{name: getattr(item, name) for name in ("position", "role", "brief")},
            "start_s": item.start_samples / item.track.sample_rate,
            "length_s": item.length_samples / item.track.sample_rate,
            "disturbance_db": item.recipe.get("disturbance_db") or None,
            "correction_db": item.correction or None,
        }


def system_rows(study: Study) -> Iterator[Row]:
    """One row per system, in the study file's order."""
    for system in study.systems.all():
        fields = ("label", "kind", "trained_on", "shown", "reference_kind")
        yield {"system": system.key, **{name: getattr(system, name) for name in fields}}


def advice_rows(study: Study) -> Iterator[Row]:
    """One row per advice, with the imbalance it leaves."""
    advices = Advice.objects.filter(item__study=study).select_related("item", "system")
    for advice in advices.order_by("item__position", "system__position").iterator(CHUNK):
        yield {
            "advice_id": advice.public_id,
            "item_id": advice.item.public_id,
            "track_id": track_id(advice.item.track_id),
            "system": advice.system.key,
            "text": advice.text,
            "text_sha256": advice.text_sha256,
            "changes_db": advice.changes,
            "not_actionable": advice.not_actionable or None,
            "trim_db": advice.trim_db,
            "residual_db": None if advice.changes is None else imbalance_left_db(advice.item, advice),
        }


def trial_rows(study: Study) -> Iterator[Row]:
    """One row per trial of a participant that counts."""
    trials = (
        Trial.objects.filter(participant__in=counted_participants(study))
        .select_related("participant", "item", "advice_a__system", "advice_b__system", "repeat_of")
        .order_by("participant__consented_at", "participant_id", "position")
    )
    times = ("started_at", "read_at", "completed_at")
    for trial in trials.iterator(CHUNK):
        yield {
            "participant_id": trial.participant.public_id,
            "trial_id": trial.public_id,
            **{name: getattr(trial, name) for name in ("position", "role", *times)},
            "check_kind": trial.check_kind or None,
            "repeat_of": trial.repeat_of.public_id if trial.repeat_of else None,
            "item_id": trial.item.public_id,
            "track_id": track_id(trial.item.track_id),
            "advice_a": trial.advice_a.public_id,
            "advice_b": trial.advice_b.public_id,
            "system_a": trial.advice_a.system.key,
            "system_b": trial.advice_b.system.key,
            "draw": trial.draw,
        }


def event_rows(study: Study) -> Iterator[Row]:
    """One row per browser event."""
    events = Event.objects.filter(participant__in=counted_participants(study)).select_related("participant", "trial")
    for event in events.order_by("id").iterator(CHUNK):
        yield {
            "participant_id": event.participant.public_id,
            "trial_id": event.trial.public_id if event.trial else None,
            **{name: getattr(event, name) for name in ("kind", "client_ms", "payload", "received_at")},
        }


def exclusion_rows(study: Study) -> Iterator[Row]:
    """Who is left out of the results by a declared rule; their answers are in the tables all the same."""
    for exclusion in exclusions_of(study):
        yield {
            "participant_id": exclusion.participant.public_id,
            "rule": exclusion.rule,
            "reason": exclusion.reason,
        }


def look_rows(study: Study) -> Iterator[Row]:
    """The study's log: who did what and when. Of a withdrawal it says that there was one, not whose."""
    for entry in study.log.iterator(CHUNK):
        detail = {key: value for key, value in entry.detail.items() if key != "participant"}
        if not detail.get("is_test"):
            yield {**{name: getattr(entry, name) for name in ("at", "actor", "action")}, "detail": detail or None}


ROWS: Mapping[str, Callable[[Study], Iterator[Row]]] = {
    "participants": participant_rows,
    "tracks": track_rows,
    "items": item_rows,
    "systems": system_rows,
    "advices": advice_rows,
    "trials": trial_rows,
    "answers": answer_rows,
    "revisions": revision_rows,
    "events": event_rows,
    "exclusions": exclusion_rows,
    "looks": look_rows,
}
