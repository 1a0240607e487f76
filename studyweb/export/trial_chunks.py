"""Trials in chunks: how each came about, who met which advices, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from studyweb.export.chunks import CHUNK, Block, Chunk, shared_block
from studyweb.export.csv_text import as_json
from studyweb.export.ids import track_id
from studyweb.export.scope import Person, Scope
from studyweb.export.stored_text import as_key, as_text, by_text
from studyweb.studies.models import Advice
from studyweb.trials.models import Trial

OF_TRIAL = ("participant_id", "trial_id", "position", "role", "started_at", "read_at", "completed_at")
OF_CHECK = ("check_kind", "repeat_of")
OF_ADVICES = ("item_id", "track_id", "advice_a", "advice_b", "system_a", "system_b")
TIMES = ("started_at", "read_at", "completed_at")
FETCHED = (
    *("person_key", "public_id", "position", "role", "check_kind", "repeat_of__public_id", "repeat_of__position"),
    *("item_id", "advice_a_id", "advice_b_id", "draw_text", *(f"{name}_text" for name in TIMES)),
)


def trial_chunks(scope: Scope) -> Iterator[Chunk]:
    """Every trial of the people of the export."""
    items = {pk: (public_id, track_id(track)) for pk, public_id, track in _items(scope)}
    advices = {pk: (public_id, system) for pk, public_id, system in _advices(scope)}
    for keys in scope.some_at_once():
        people, rows = by_text(scope.people, keys), _rows(keys)
        for start in range(0, len(rows), CHUNK):
            yield _chunk(rows[start : start + CHUNK], people, items, advices, scope)


def _items(scope: Scope) -> Any:
    return scope.study.items.values_list("pk", "public_id", "track_id")


def _advices(scope: Scope) -> Any:
    return Advice.objects.filter(item__study=scope.study).values_list("pk", "public_id", "system__key")


def _rows(keys: Sequence[UUID]) -> list[Any]:
    """Some people's trials as stored, in the order of the export."""
    trials = Trial.objects.filter(participant__in=keys)
    texts = {f"{name}_text": as_text(name) for name in ("draw", *TIMES)}
    stored = trials.annotate(person_key=as_key("participant_id"), **texts).values_list(*FETCHED).order_by("position")
    places = by_text({key: place for place, key in enumerate(keys)}, keys)
    return sorted(stored, key=lambda row: places[row[0]])


def _chunk(rows: Sequence[Any], people: Any, items: Any, advices: Any, scope: Scope) -> Chunk:
    heads, checks, met, draws = [], [], [], []
    for key, public_id, position, role, check, repeated, repeated_position, item, a, b, draw, *times in rows:
        person = people[key]
        name = scope.trial_id(person, public_id=public_id, position=position)
        heads.append((person.name, name, position, role, *_moments(times, person, scope)))
        first = scope.trial_id(person, public_id=repeated, position=repeated_position) if repeated else None
        checks.append((check or None, first))
        met.append((item, a, b))
        draws.append(draw)

    def who_met(key: tuple[int, int, int]) -> tuple[Any, ...]:
        (id_a, system_a), (id_b, system_b) = advices[key[1]], advices[key[2]]
        return (*items[key[0]], id_a, id_b, system_a, system_b)

    return Chunk(
        (
            Block(OF_TRIAL, heads),
            shared_block(OF_CHECK, checks, lambda check: check),
            shared_block(OF_ADVICES, met, who_met),
            shared_block(("draw",), draws, lambda text: (as_json(json.loads(text)),)),
        )
    )


def _moments(texts: Sequence[str | None], person: Person, scope: Scope) -> list[Any]:
    return scope.stored_moments(texts, since=[person.consented_at] * len(texts))
