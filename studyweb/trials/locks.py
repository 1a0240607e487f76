"""What differs between the databases when people join and answer at the same moment. Nothing else of trials does.

SQLite: `transaction_mode=IMMEDIATE` (studyweb/databases.py) takes the one write lock when a transaction begins, so
everything in it is alone; SELECT ... FOR UPDATE does not exist there and Django leaves it out.
PostgreSQL: the row is locked. NO KEY UPDATE lets others store rows that refer to it meanwhile.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

from studyweb.studies.models import Study
from studyweb.trials.models import Participant


def lock_study(study_id: Any) -> Study:
    """The study as it is now; until the transaction ends nobody else draws a session of it."""
    _require_transaction()
    return Study.objects.select_for_update(no_key=True).get(pk=study_id)


def lock_participant(participant_id: Any) -> Participant:
    """The participant as they are now; until the transaction ends nothing else is stored for them."""
    _require_transaction()
    return (
        Participant.objects.select_for_update(no_key=True, of=("self",)).select_related("study").get(pk=participant_id)
    )


def state_held_open(study_id: Any) -> str:
    """The study's state as it is now; until the transaction ends nobody closes it. Others may answer and join.

    PostgreSQL: FOR KEY SHARE holds off the FOR UPDATE of closing, and nothing else that happens in an open study. Taken
    after the participant's lock; closing takes no participant's, so that the two cannot wait for each other.
    """
    _require_transaction()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT state FROM studies_study WHERE id = %s FOR KEY SHARE", [study_id])
            return str(cursor.fetchone()[0])
    return str(Study.objects.values_list("state", flat=True).get(pk=study_id))


def _require_transaction() -> None:
    assert connection.in_atomic_block, "a lock outside a transaction is gone at once"
