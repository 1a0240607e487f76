"""The current revisions of some people's answers, cheaper than asking the database of every answer for a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from studyweb.export.chunks import CHUNK
from studyweb.export.stored_text import as_key, as_text
from studyweb.studies.models import Study
from studyweb.trials.models import Answer

HEAD = ("trial_key", "step", "revision")
Corrected = Mapping[tuple[str, str], int]
"""{(a trial's key, question): its newest revision} of the answers that were corrected, which are few."""


def corrected_answers(study: Study) -> Corrected:
    """What was corrected in a study, found once: cheaper than asking of every answer for a later one."""
    answers = Answer.objects.filter(participant__study=study, revision__gt=1).annotate(trial_key=as_key("trial_id"))
    rows = answers.order_by("revision").values_list(*HEAD)
    return {(trial, step): revision for trial, step, revision in rows.iterator(CHUNK)}


def current_rows(people: Sequence[UUID], asked: Q, *fields: str, corrected: Corrected) -> list[tuple[Any, ...]]:
    """(Trial's key, question, revision, *fields) of current revisions, by participant and in the order given.

    `context_text` and `received_text` among the fields are those columns as text. A correction that came after
    `corrected` was found counts where it is read: of a question's revisions only the newest is ever given.
    """
    texts = {name: as_text(column) for name, column in TEXTS.items() if name in fields}
    answers = Answer.objects.filter(asked, participant__in=people).annotate(trial_key=as_key("trial_id"), **texts)
    rows = list(answers.order_by("participant_id", "id").values_list(*HEAD, *fields).iterator(CHUNK))
    newest = {**corrected, **{(trial, step): revision for trial, step, revision, *_ in rows if revision > 1}}
    return [row for row in rows if newest.get((row[0], row[1]), row[2]) == row[2]] if newest else rows


TEXTS = {"context_text": "context", "received_text": "received_at"}
