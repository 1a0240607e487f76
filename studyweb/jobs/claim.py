"""Taking a queued job so that nobody else can: the one place where SQLite and PostgreSQL differ.

PostgreSQL locks the row it picks and skips rows that others have locked. SQLite has one writer at a time: the settings
begin every transaction with IMMEDIATE, so that what is read here cannot change before it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Now

from studyweb.jobs.models import Job

LONGEST_WORKER_NAME = 120


def due_jobs() -> QuerySet[Job]:
    """Queued jobs whose time has come, oldest first."""
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    return Job.objects.filter(due, state=Job.State.QUEUED).order_by("created_at", "id")


def claim_next(queues: Sequence[str], *, worker: str, lease_s: float) -> Job | None:
    """The oldest due job of these queues, now running under a new attempt; None when there is none."""
    waiting = due_jobs().filter(queue__in=queues)
    if not waiting.exists():  # a plain read: an idle worker must not take the write lock twice a second
        return None
    with transaction.atomic():
        job_id = _lock_first(waiting)
        return None if job_id is None else claim_by_id(job_id, worker=worker, lease_s=lease_s)


def claim_by_id(job_id: UUID, *, worker: str, lease_s: float) -> Job | None:
    """This job, now running under a new attempt; None unless it was queued and due. A compare-and-swap."""
    taken = (
        due_jobs()
        .filter(id=job_id)
        .order_by()
        .update(
            state=Job.State.RUNNING,
            attempt=F("attempt") + 1,
            lease_until=seconds_from_now(lease_s),
            heartbeat_at=Now(),
            started_at=Now(),
            worker=worker[:LONGEST_WORKER_NAME],
            progress=0.0,
            message="",
        )
    )
    return Job.objects.get(id=job_id) if taken else None


def seconds_from_now(seconds: float) -> ExpressionWrapper[Any]:
    """A moment by the database's clock, which all workers share whatever their own clocks say."""
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def _lock_first(waiting: QuerySet[Job]) -> UUID | None:
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    return waiting.values_list("id", flat=True).first()
