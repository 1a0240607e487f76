"""The current revisions of some people's answers, cheaper than asking the database of every answer for a later one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from studyweb.export.chunks import CHUNK
from studyweb.export.stored_text import as_key, as_text
from studyweb.trials.models import Answer

HEAD = ("trial_key", "step", "revision")


def current_rows(people: Sequence[UUID], asked: Q, *fields: str) -> Iterator[tuple[Any, ...]]:
    """(Trial's key, question, revision, *fields) of current revisions, by participant and in the order given.

    `context_text` and `received_text` among the fields are those columns as text.
    """
    answers = Answer.objects.filter(participant__in=people)
    newest = _newest_revisions(people)
    texts = {name: as_text(name.removesuffix("_text")) for name in fields if name == "context_text"}
    texts |= {name: as_text("received_at") for name in fields if name == "received_text"}
    stored = answers.filter(asked).annotate(trial_key=as_key("trial_id"), **texts)
    for row in stored.order_by("participant_id", "id").values_list(*HEAD, *fields).iterator(CHUNK):
        if not newest or newest.get((row[0], row[1]), row[2]) == row[2]:
            yield row


def _newest_revisions(people: Sequence[UUID]) -> dict[tuple[str, str], int]:
    """{(trial, question): its newest revision} of those that were corrected, which are few."""
    corrected = Answer.objects.filter(participant__in=people, revision__gt=1).annotate(trial_key=as_key("trial_id"))
    rows = corrected.order_by("revision").values_list(*HEAD)
    return {(trial, step): revision for trial, step, revision in rows}
