"""Stored answers in chunks: current revisions, and the rows of superseded ones.

What a trial, a pair of systems or a post shares is looked up once for all answers that share it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from studyweb.export.chunks import CHUNK, Block, Chunk, shared_block
from studyweb.export.csv_text import as_json
from studyweb.export.current import current_rows
from studyweb.export.ids import track_id
from studyweb.export.scope import Person, Scope
from studyweb.export.stored_text import as_key, by_text
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Study
from studyweb.trials.models import Answer, Trial
from studyweb.trials.selectors import superseded_answers

Row = dict[str, Any]
PREFERENCE_STEPS = ("first_choice", "final_choice")

OF_TRIAL = ("participant_id", "trial_id", "track_id", "position", "role")
OF_QUESTION = ("step", "slot", "kind")
OF_VALUE = ("value", "revision")
OF_SYSTEMS = ("advice_id", "system", "first_system", "second_system", "first_system_slot", "preference")
OF_POST = (
    *("gains_db", "heard_problem_s", "heard_a_s", "heard_b_s", "switches", "gate_met", "ms_on_step"),
    *("device_sample_rate", "study_sha256", "own_fix_distance_a_db", "own_fix_distance_b_db"),
)
OF_ROW = ("received_at", "hash")
FETCHED = ("slot", "kind", "value", "context_text", "received_text", "hash")


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
    advices: tuple[int, int]
    """In slots A and B."""
    place: int
    """Of its participant in the export."""


def answer_chunks(scope: Scope) -> Iterator[Chunk]:
    """Every stored answer in its current revision, by participant and in the order given."""
    advices, tracks = _advices_of(scope.study), _tracks_of(scope.study)
    for keys in scope.some_at_once():
        trials = _trials_of(scope, keys, tracks)
        rows = current_rows(keys, _released(scope), *FETCHED, corrected=scope.corrected)
        current = [row for row in rows if row[0] in trials]
        if current:
            current.sort(key=lambda row: trials[row[0]].place)
            yield _chunk(current, trials, advices, scope)


def _chunk(
    rows: Sequence[Any], trials: Mapping[str, TrialInfo], advices: Mapping[int, AdviceInfo], scope: Scope
) -> Chunk:
    keys, steps, revisions, slots, kinds, values, contexts, received, digests = zip(*rows, strict=True)
    of_rows = [trials[key] for key in keys]
    chosen = [value if step in PREFERENCE_STEPS else None for step, value in zip(steps, values, strict=True)]
    about = zip((trial.advices for trial in of_rows), slots, chosen, strict=True)
    moments = scope.stored_moments(received, since=(trial.person.consented_at for trial in of_rows))
    return Chunk(
        (
            shared_block(OF_TRIAL, keys, lambda key: trials[key].row),
            shared_block(
                OF_QUESTION, zip(steps, slots, kinds, strict=True), lambda key: (key[0], key[1] or None, key[2])
            ),
            shared_block(OF_VALUE, zip(values, revisions, strict=True), lambda key: key),
            shared_block(OF_SYSTEMS, about, lambda key: _systems(advices[key[0][0]], advices[key[0][1]], *key[1:])),
            shared_block(OF_POST, contexts, _noted),
            Block(OF_ROW, list(zip(moments, digests, strict=True))),
        )
    )


def revision_rows(scope: Scope) -> Iterator[Row]:
    """One row per superseded answer. Free text is in public exports only as it stands now."""
    answers = superseded_answers(scope.study)
    if scope.is_public:
        answers = answers.exclude(kind=Answer.Kind.TEXT)
    if not scope.corrected:
        return
    for keys in scope.some_at_once():
        corrected = Answer.objects.filter(participant__in=keys, revision__gt=1).values("trial")
        of_people = answers.filter(participant__in=keys, trial__in=corrected).select_related("trial").order_by("id")
        for answer in sorted(of_people, key=lambda answer: keys.index(answer.participant_id)):
            yield _revision_row(answer, scope)


def _revision_row(answer: Answer, scope: Scope) -> Row:
    person, trial = scope.people[answer.participant_id], answer.trial
    return {
        "participant_id": person.name,
        "trial_id": scope.trial_id(person, public_id=trial.public_id, position=trial.position),
        **{name: getattr(answer, name) for name in ("step", "revision", "value", "hash")},
        "received_at": scope.moment(answer.received_at, since=person.consented_at),
    }


def _released(scope: Scope) -> Q:
    """Everything but free text that nobody has released."""
    if scope.comments_up_to is None:
        return Q()
    return ~Q(kind=Answer.Kind.TEXT) | Q(id__lte=scope.comments_up_to)


def _advices_of(study: Study) -> dict[int, AdviceInfo]:
    fields = ("pk", "public_id", "system__key", "system__position")
    rows = Advice.objects.filter(item__study=study).values_list(*fields)
    return {pk: AdviceInfo(public_id, system, position) for pk, public_id, system, position in rows}


def _tracks_of(study: Study) -> dict[int, str]:
    return {item: track_id(track) for item, track in study.items.values_list("pk", "track_id")}


def _trials_of(scope: Scope, keys: Sequence[UUID], tracks: Mapping[int, str]) -> dict[str, TrialInfo]:
    """{a trial's key as answers name it: what its answers say of it}."""
    fields = ("person_key", "public_id", "position", "role", "item_id", "advice_a_id", "advice_b_id")
    trials = Trial.objects.filter(participant__in=keys).annotate(key=as_key("pk"), person_key=as_key("participant_id"))
    found, people = {}, by_text(scope.people, keys)
    places = by_text({key: place for place, key in enumerate(keys)}, keys)
    for key, participant, public_id, position, role, item, a, b in trials.values_list("key", *fields).iterator(CHUNK):
        person = people[participant]
        name = scope.trial_id(person, public_id=public_id, position=position)
        row = (person.name, name, tracks[item], position, role)
        found[key] = TrialInfo(person, row, (a, b), places[participant])
    return found


def _systems(in_a: AdviceInfo, in_b: AdviceInfo, slot: str, choice: str | None) -> tuple[Any, ...]:
    """What tells the systems; of a choice, as preference for the earlier one in the study file."""
    about = {"A": in_a, "B": in_b}.get(slot)
    head = (about.public_id, about.system) if about else (None, None)
    if choice is None:
        return (*head, None, None, None, None)
    first_is_a = in_a.position < in_b.position
    first, second = (in_a, in_b) if first_is_a else (in_b, in_a)
    preference = preference_for_first(choice, first_is_a=first_is_a)
    return (*head, first.system, second.system, "A" if first_is_a else "B", preference)


def _noted(text: str) -> tuple[Any, ...]:
    """What page and server noted beside a post. Pages are not trusted: what is no number is left out."""
    context: dict[str, Any] = json.loads(text)
    heard = context.get("heard_s")
    heard = heard if isinstance(heard, dict) else {}
    gate_met, distance = context.get("gate_met"), context.get("own_fix_distance_db") or {}
    return (
        _gains(context.get("gains_db")),
        _number(heard.get("problem")),
        _number(heard.get("A")),
        _number(heard.get("B")),
        _whole(context.get("switches")),
        gate_met if isinstance(gate_met, bool) else None,
        _whole(context.get("ms_on_step")),
        _whole(context.get("device_sample_rate")),
        context.get("study_sha256"),
        _number(distance.get("A")),
        _number(distance.get("B")),
    )


def _gains(of_slots: dict[str, Any] | None) -> str | None:
    """Gains by slot as JSON, made once for both formats; None where no advice had any."""
    if not of_slots or all(gains is None for gains in of_slots.values()):
        return None
    return as_json(of_slots)


def _number(value: Any) -> float | None:
    return float(value) if type(value) is float or type(value) is int else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int else round(value) if type(value) is float else None
