"""Stored answers in chunks: current revisions, and the rows of superseded ones.

What a trial, a pair of systems or a post shares is looked up once for all answers that share it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Q, QuerySet, TextField
from django.db.models.functions import Cast

from studyweb.export.chunks import CHUNK, Block, Chunk, Distinct
from studyweb.export.ids import track_id
from studyweb.export.scope import Person, Scope
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Study
from studyweb.trials.models import Answer, Trial
from studyweb.trials.selectors import current_answers, superseded_answers

Row = dict[str, Any]
PREFERENCE_STEPS = ("first_choice", "final_choice")

OF_TRIAL = ("participant_id", "trial_id", "track_id", "position", "role")
OF_QUESTION = ("step", "slot", "kind")
OF_VALUE = ("value", "revision")
OF_SYSTEMS = ("advice_id", "system", "first_system", "second_system", "first_system_slot", "preference")
OF_POST = (
    *("gains_db", "heard_problem_s", "heard_a_s", "heard_b_s", "switches", "gate_met", "ms_on_step"),
    *("device_sample_rate", "study_sha256"),
)
OF_ROW = ("received_at", "hash")
FETCHED = ("trial_key", "step", "slot", "kind", "value", "revision", "context_text", "received_text", "hash")


@dataclass(frozen=True)
class AdviceInfo:
    """What an answer's row says of an advice."""

    public_id: str
    system: str
    position: int
    """The system's place in the study file."""


@dataclass(frozen=True)
class TrialInfo:
    """What an answer's row says of its trial."""

    person: Person
    row: tuple[Any, ...]
    advices: Mapping[str, AdviceInfo]


def answer_chunks(scope: Scope) -> Iterator[Chunk]:
    """Every stored answer in its current revision, by participant and in the order given."""
    advices, tracks = _advices_of(scope.study), _tracks_of(scope.study)
    for keys in scope.some_at_once():
        trials = _trials_of(scope, keys, advices, tracks)
        answers = _released(current_answers(scope.study), scope).filter(participant__in=keys)
        rows = _as_stored(answers).order_by("participant", "id").values_list(*FETCHED).iterator(CHUNK)
        for some in _batches(rows):
            yield _chunk([row for row in some if row[0] in trials], trials, scope)


def _as_stored(answers: QuerySet[Answer]) -> QuerySet[Any]:
    """Keys, times and contexts as text: a database gives a million of them faster than it makes values of them."""
    return answers.annotate(
        trial_key=Cast("trial_id", CharField(max_length=36)),
        context_text=Cast("context", TextField()),
        received_text=Cast("received_at", TextField()),
    )


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def _chunk(rows: Sequence[Any], trials: Mapping[str, TrialInfo], scope: Scope) -> Chunk:
    of_trial, of_question, of_systems = Distinct(*OF_TRIAL), Distinct(*OF_QUESTION), Distinct(*OF_SYSTEMS)
    of_post = Distinct(*OF_POST)
    values, ends = [], []
    for key, step, slot, kind, value, revision, context, received, digest in rows:
        trial = trials[key]
        if not of_trial.seen(key):
            of_trial.add(key, trial.row)
        if not of_question.seen((step, slot)):
            of_question.add((step, slot), (step, slot or None, kind))
        about = (key, slot, value if step in PREFERENCE_STEPS else None)
        if not of_systems.seen(about):
            of_systems.add(about, _systems(trial, slot, step, value))
        if not of_post.seen(context):
            of_post.add(context, _noted(context))
        values.append((value, revision))
        ends.append((scope.moment(_moment(received), since=trial.person.consented_at), digest))
    named = (of_trial.block(), of_question.block(), Block(OF_VALUE, values), of_systems.block(), of_post.block())
    return Chunk((*named, Block(OF_ROW, ends)))


def _moment(text: str) -> datetime:
    """A stored time from its text; SQLite's are in UTC without saying so."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def revision_rows(scope: Scope) -> Iterator[Row]:
    """One row per superseded answer. Free text is in public exports only as it stands now."""
    answers = _released(superseded_answers(scope.study), scope)
    if scope.is_public:
        answers = answers.exclude(kind=Answer.Kind.TEXT)
    for keys in scope.some_at_once():
        for answer in answers.filter(participant__in=keys).select_related("trial").order_by("participant", "id"):
            person = scope.people[answer.participant_id]
            trial = answer.trial
            yield {
                "participant_id": person.name,
                "trial_id": scope.trial_id(person, public_id=trial.public_id, position=trial.position),
                **{name: getattr(answer, name) for name in ("step", "revision", "value", "hash")},
                "received_at": scope.moment(answer.received_at, since=person.consented_at),
            }


def _released(answers: QuerySet[Answer], scope: Scope) -> QuerySet[Answer]:
    """Without free text that nobody has released."""
    if scope.comments_up_to is None:
        return answers
    return answers.filter(~Q(kind=Answer.Kind.TEXT) | Q(id__lte=scope.comments_up_to))


def _advices_of(study: Study) -> dict[int, AdviceInfo]:
    fields = ("pk", "public_id", "system__key", "system__position")
    rows = Advice.objects.filter(item__study=study).values_list(*fields)
    return {pk: AdviceInfo(public_id, system, position) for pk, public_id, system, position in rows}


def _tracks_of(study: Study) -> dict[int, str]:
    return {item: track_id(track) for item, track in study.items.values_list("pk", "track_id")}


def _trials_of(
    scope: Scope, keys: Sequence[UUID], advices: Mapping[int, AdviceInfo], tracks: Mapping[int, str]
) -> dict[str, TrialInfo]:
    """{a trial's key as answers name it: what its answers say of it}."""
    fields = ("participant_id", "public_id", "position", "role", "item_id", "advice_a_id", "advice_b_id")
    trials = Trial.objects.filter(participant__in=keys).annotate(key=Cast("pk", CharField(max_length=36)))
    found = {}
    for key, participant, public_id, position, role, item, a, b in trials.values_list("key", *fields).iterator(CHUNK):
        person = scope.people[participant]
        name = scope.trial_id(person, public_id=public_id, position=position)
        row = (person.name, name, tracks[item], position, role)
        found[key] = TrialInfo(person, row, {"A": advices[a], "B": advices[b]})
    return found


def _systems(trial: TrialInfo, slot: str, step: str, value: str) -> tuple[Any, ...]:
    """What tells the systems; on steps about both, as preference for the earlier one in the study file."""
    about = trial.advices.get(slot)
    head = (about.public_id, about.system) if about else (None, None)
    if step not in PREFERENCE_STEPS:
        return (*head, None, None, None, None)
    first, second = sorted(trial.advices, key=lambda each: trial.advices[each].position)
    preference = preference_for_first(value, first_is_a=first == "A")
    return (*head, trial.advices[first].system, trial.advices[second].system, first, preference)


def _noted(text: str) -> tuple[Any, ...]:
    """What page and server noted beside a post. Pages are not trusted: what is no number is left out."""
    context: Mapping[str, Any] = json.loads(text)
    heard = context.get("heard_s")
    heard = heard if isinstance(heard, Mapping) else {}
    gate_met = context.get("gate_met")
    return (
        context.get("gains_db") if _some_gains(context) else None,
        *(_number(heard.get(name)) for name in ("problem", "A", "B")),
        _whole(context.get("switches")),
        gate_met if isinstance(gate_met, bool) else None,
        _whole(context.get("ms_on_step")),
        _whole(context.get("device_sample_rate")),
        context.get("study_sha256"),
    )


def _some_gains(context: Mapping[str, Any]) -> bool:
    return any(gains is not None for gains in (context.get("gains_db") or {}).values())


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None else round(number)
