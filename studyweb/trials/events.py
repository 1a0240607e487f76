"""Events of the browser: plays, switches, seeks, stalls, device changes. Stored once each, whatever is resent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from studyweb.trials.locks import lock_participant
from studyweb.trials.models import Event, Participant
from studyweb.trials.plain_data import LARGEST, clean_data

MAX_EVENTS = 200
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")


class BadEventsError(ValueError):
    """What was posted as events cannot be read; `problems` says everything that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def store_events(participant: Participant, data: Any) -> int:
    """Store posted events and return how many there were; those known already are left as they are.

    Of somebody who has withdrawn meanwhile nothing is stored. Raises BadEventsError, with nothing stored, for what
    cannot be read and for foreign trials.
    """
    entries = data.get("events") if isinstance(data, Mapping) else None
    if not isinstance(entries, list) or len(entries) > MAX_EVENTS:
        raise BadEventsError([f'expected {{"events": [...]}} with at most {MAX_EVENTS} events'])
    trials = dict(participant.trials.values_list("public_id", "pk"))
    problems: list[str] = []
    events = [_read_event(entry, f"events[{i}]", participant, trials, problems) for i, entry in enumerate(entries)]
    if problems:
        raise BadEventsError(problems)
    with transaction.atomic():
        # Under the lock: a withdrawal erases the events there are, and none may come after it.
        if lock_participant(participant.pk).state == Participant.State.WITHDRAWN:
            return 0
        Event.objects.bulk_create([event for event in events if event is not None], ignore_conflicts=True)
    return len(events)


def _read_event(
    entry: Any, where: str, participant: Participant, trials: Mapping[str, uuid.UUID], problems: list[str]
) -> Event | None:
    if not isinstance(entry, Mapping):
        problems.append(f"{where}: must be an object")
        return None
    wrong = [f"{where}.{name}" for name, is_right in _checks(entry, trials) if not is_right]
    if wrong:
        problems.extend(wrong)
        return None
    trial = entry.get("trial")
    return Event(
        participant=participant,
        trial_id=trials[trial] if trial is not None else None,
        client_uuid=uuid.UUID(entry["client_uuid"]),
        kind=entry["kind"],
        client_ms=round(entry["client_ms"]),
        payload=clean_data(entry.get("payload", {})),
    )


def _checks(entry: Mapping[str, Any], trials: Mapping[str, uuid.UUID]) -> list[tuple[str, bool]]:
    """(what must be so, whether it is)."""
    client_ms, kind, trial = entry.get("client_ms"), entry.get("kind"), entry.get("trial")
    is_number = isinstance(client_ms, int | float) and not isinstance(client_ms, bool)
    return [
        ("client_uuid: must be a UUID", _is_uuid(entry.get("client_uuid"))),
        ("kind: must be a short name of lower-case letters", isinstance(kind, str) and bool(_KIND.fullmatch(kind))),
        ("client_ms: must be milliseconds", is_number and 0 <= (client_ms or 0) <= LARGEST),
        ("payload: must be an object", isinstance(entry.get("payload", {}), Mapping)),
        ("trial: no such trial", trial is None or (isinstance(trial, str) and trial in trials)),
    ]


def _is_uuid(value: Any) -> bool:
    try:
        return bool(uuid.UUID(value))
    except (ValueError, TypeError, AttributeError):
        return False
