"""The rows of every exported table, streamed from the database in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from studyweb.coding.report import coded_advices
from studyweb.export.answer_chunks import answer_chunks, revision_rows
from studyweb.export.chunks import Chunk, chunks_of
from studyweb.export.ids import track_id
from studyweb.export.scope import Person, Scope
from studyweb.export.trial_chunks import trial_chunks
from studyweb.studies.imbalance import imbalance_left_db
from studyweb.studies.models import Advice, Study, Track
from studyweb.studies.plan import declared_pairs
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Event, Participant, Trial

Row = dict[str, Any]
CHUNK = 2_000


def table_chunks(table: str, scope: Scope) -> Iterator[Chunk]:
    """A table's rows, columns of systems included; the caller's column list decides what is written."""
    if table in CHUNKS:
        return CHUNKS[table](scope)
    return chunks_of(ROWS[table](scope), size=CHUNK)


def rows_of(table: str, scope: Scope) -> Iterator[Row]:
    """`table_chunks`, row by row."""
    return (row for chunk in table_chunks(table, scope) for row in chunk.rows())


def participant_rows(scope: Scope) -> Iterator[Row]:
    """One row per participant of the export."""
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(scope.study)}
    completed = Count("trials", filter=Q(trials__completed_at__isnull=False) & ~Q(trials__role=Trial.Role.PRACTICE))
    for participant, person in _people(scope, trials_completed=completed):
        yield {
            "participant_id": person.name,
            "state": participant.state,
            "consented_at": participant.consented_at,
            "completed_at": scope.moment(participant.completed_at, since=person.consented_at),
            "trials_completed": participant.trials_completed,
            "excluded": participant.pk in excluded,
            **_what_they_said(participant, person),
            "draw": participant.draw,
        }


def _people(scope: Scope, **counts: Count) -> Iterator[tuple[Any, Person]]:
    """The people of the export, in its order."""
    for keys in scope.some_at_once():
        found = Participant.objects.filter(pk__in=keys).annotate(**counts).in_bulk()
        yield from ((found[key], scope.people[key]) for key in keys)


def _what_they_said(participant: Participant, person: Person) -> Row:
    return {
        **{key: person.background.get(key) for key in ("years_mixing", "role", "listening")},
        "device": participant.background.get("device"),
        "hearing": participant.background.get("hearing"),
        "consents": participant.consents,
        "setup": participant.setup or None,
        "task_clear": participant.closing.get("task_clear"),
        "closing_comment": participant.closing.get("comment"),
        "completion_code": participant.completion_code if participant.state == Participant.State.COMPLETED else None,
    }


def track_rows(scope: Scope) -> Iterator[Row]:
    """One row per track."""
    for track in scope.study.tracks.iterator(CHUNK):
        yield {"track_id": track_id(track.pk), **_about(track, scope)}


def _about(track: Track, scope: Scope) -> Row:
    names = dict.fromkeys(("title", "artist", "attribution"))
    if scope.may_name(track):
        names = {name: getattr(track, name) for name in names}
    return {**names, **{name: getattr(track, name) for name in ("genre", "source", "licence", "source_sha256")}}


def item_rows(scope: Scope) -> Iterator[Row]:
    """One row per item: where the excerpt lies, and what was done to it."""
    for item in scope.study.items.select_related("track").iterator(CHUNK):
        yield {
            "item_id": item.public_id,
            "track_id": track_id(item.track_id),
            **{name: getattr(item, name) for name in ("position", "role", "brief")},
            "start_s": item.start_samples / item.track.sample_rate,
            "length_s": item.length_samples / item.track.sample_rate,
            "disturbance_db": item.recipe.get("disturbance_db") or None,
            "correction_db": item.correction or None,
        }


def system_rows(scope: Scope) -> Iterator[Row]:
    """One row per system, in the study file's order."""
    for system in scope.study.systems.all():
        fields = ("label", "kind", "trained_on", "shown", "reference_kind")
        yield {"system": system.key, **{name: getattr(system, name) for name in fields}}


def pair_rows(scope: Scope) -> Iterator[Row]:
    """One row per pair that the study file compares, with how it is to be analysed; the primary first."""
    analysis, design = scope.study.plan["analysis"], scope.study.plan["design"]
    for first, second in declared_pairs(scope.study.plan):
        yield {
            "first_system": first,
            "second_system": second,
            "is_primary": {first, second} == set(analysis["primary"]["pair"]),
            "estimand": analysis["primary"]["estimand"],
            "level": float(analysis["level"]),
            "ties": analysis["ties"],
            "unreadable_advice": design["unreadable_advice"],
        }


def advice_rows(scope: Scope) -> Iterator[Row]:
    """One row per advice, with the imbalance it leaves."""
    advices = Advice.objects.filter(item__study=scope.study).select_related("item", "system")
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


def coding_rows(scope: Scope) -> Iterator[Row]:
    """One row per advice and person who coded its text by hand, in the current revision."""
    for advice, coding, coder in coded_advices(scope.study):
        yield {
            "advice_id": advice.public_id,
            "coder": f"coder-{coder}",
            "revision": coding.revision,
            "changes_db": coding.changes,
            "not_actionable": coding.not_actionable or None,
            "coded_at": coding.coded_at,
        }


def _trial_id(trial: Trial, scope: Scope) -> str:
    person = scope.people[trial.participant_id]
    return scope.trial_id(person, public_id=trial.public_id, position=trial.position)


def event_rows(scope: Scope) -> Iterator[Row]:
    """One row per browser event."""
    for keys in scope.some_at_once():
        events = Event.objects.filter(participant__in=keys).select_related("trial")
        by_person = sorted(events.order_by("id"), key=lambda event: keys.index(event.participant_id))
        for event in by_person:
            person = scope.people[event.participant_id]
            yield {
                "participant_id": person.name,
                "trial_id": _trial_id(event.trial, scope) if event.trial else None,
                **{name: getattr(event, name) for name in ("kind", "client_ms", "payload")},
                "received_at": scope.moment(event.received_at, since=person.consented_at),
            }


def exclusion_rows(scope: Scope) -> Iterator[Row]:
    """Who is left out of the results by a declared rule; their answers are in the tables all the same."""
    for exclusion in exclusions_of(scope.study):
        person = scope.people.get(exclusion.participant.pk)
        if person is not None:
            yield {"participant_id": person.name, "rule": exclusion.rule, "reason": exclusion.reason}


def look_rows(scope: Scope) -> Iterator[Row]:
    """The study's log: who did what and when. Of a withdrawal it says that there was one, not whose."""
    for entry in scope.study.log.iterator(CHUNK):
        detail = {key: value for key, value in entry.detail.items() if key != "participant"}
        if detail.get("is_test") or (scope.is_public and entry.action == "withdrawn"):
            continue
        at = scope.moment(entry.at, since=_opened(scope.study))
        yield {"at": at, **{name: getattr(entry, name) for name in ("actor", "action")}, "detail": detail or None}


def _opened(study: Study) -> datetime:
    return study.opened_at or study.created_at


ROWS: Mapping[str, Callable[[Scope], Iterator[Row]]] = {
    "participants": participant_rows,
    "tracks": track_rows,
    "items": item_rows,
    "systems": system_rows,
    "pairs": pair_rows,
    "advices": advice_rows,
    "codings": coding_rows,
    "revisions": revision_rows,
    "events": event_rows,
    "exclusions": exclusion_rows,
    "looks": look_rows,
}

CHUNKS: Mapping[str, Callable[[Scope], Iterator[Chunk]]] = {"trials": trial_chunks, "answers": answer_chunks}
"""The tables that grow with the answers."""
