"""Queueing, claiming and finishing jobs. The row is the truth; every write carries the attempt as a fencing token."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from studyweb.jobs import claim
from studyweb.jobs.announce import announce_job
from studyweb.jobs.kinds import find_kind
from studyweb.jobs.models import Job

log = logging.getLogger(__name__)

RETRY_AFTER_S = (2, 10, 60)
"""Seconds before the next attempt, after the first, second and any later failure."""

Store = Callable[[], dict[str, Any] | None]
"""Writes a result into the database; what it returns is kept in `Job.result`."""


class LeaseLost(Exception):  # noqa: N818 - the name is the event
    """The job was given to someone else, or is over: this attempt must stop and may write nothing."""


def enqueue(
    kind: str,
    *,
    key: str,
    payload: dict[str, Any],
    study_id: UUID | None = None,
    not_before: datetime | None = None,
) -> Job:
    """The job under this key, new or already there; part of the caller's transaction.

    A broker is told after the commit, so no message can come before its row, and a rollback leaves nothing behind.
    Raises UnknownKindError for a kind that does not exist.
    """
    queue = find_kind(kind).QUEUE
    job, is_new = Job.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "queue": queue,
            "payload": payload,
            "study_id": study_id,
            "not_before": not_before,
        },
    )
    if is_new and not_before is None:
        _announce_on_commit(job)
    return job


def claim_job(
    job_id: UUID | None = None, *, queues: Sequence[str], worker: str, lease_s: float | None = None
) -> Job | None:
    """One job to work on, or None: the one named, or the oldest that is due in `queues`.

    The attempt is counted here, before the work, so that a job which kills its worker cannot run for ever.
    """
    lease_s = settings.JOB_LEASE_S if lease_s is None else lease_s
    if job_id is None:
        return claim.claim_next(queues, worker=worker, lease_s=lease_s)
    return claim.claim_by_id(job_id, worker=worker, lease_s=lease_s)


def beat(job: Job, progress: float, message: str, *, lease_s: float | None = None) -> None:
    """Renew the lease and show progress (0..1). Raises LeaseLost when the job is no longer this attempt's."""
    lease_s = settings.JOB_LEASE_S if lease_s is None else lease_s
    _write(
        job,
        progress=progress,
        message=message[:200],
        heartbeat_at=Now(),
        lease_until=claim.seconds_from_now(lease_s),
    )


def finish_job(job: Job, store: Store) -> None:
    """Mark the job done and store its result, both or neither.

    Raises LeaseLost, having stored nothing, when the job is no longer this attempt's.
    """
    with transaction.atomic():
        # First the row: it is locked from here on, so a sweeper cannot take the job away while it is stored.
        _write(job, state=Job.State.DONE, progress=1.0, message="", error="", finished_at=Now(), lease_until=None)
        result = store()
        Job.objects.filter(id=job.id).update(result=result)


def fail_job(job: Job, reason: str, *, may_retry: bool = True) -> None:
    """End this attempt: queue the job again after a pause, or mark it failed when no attempt is left.

    Raises LeaseLost when the job is no longer this attempt's.
    """
    if not may_retry or job.attempt >= job.max_attempts:
        _write(job, state=Job.State.FAILED, error=reason, finished_at=Now(), lease_until=None)
        log.error("job %s failed: %s", job, reason)
        return
    pause_s = RETRY_AFTER_S[min(job.attempt, len(RETRY_AFTER_S)) - 1]
    log.warning("job %s attempt %d failed, next one in %d s: %s", job, job.attempt, pause_s, reason)
    _write(job, **_queued_again(reason), not_before=claim.seconds_from_now(pause_s))


def release_job(job: Job, reason: str, *, counts: bool = True) -> None:
    """Queue a job again whose worker is known to be gone, without waiting for the lease to run out.

    With `counts` false the attempt does not use up one of the job's attempts: stopping a worker in good order is not
    the job's fault. Raises LeaseLost when the job is no longer this attempt's.
    """
    if counts and job.attempt >= job.max_attempts:
        fail_job(job, reason, may_retry=False)
        return
    more = {} if counts else {"max_attempts": F("max_attempts") + 1}
    with transaction.atomic():
        _write(job, **_queued_again(reason), **more)
        _announce_on_commit(job)


def retry_job(job: Job) -> bool:
    """Give a failed job a fresh set of attempts; whether it was failed."""
    fresh = Job._meta.get_field("max_attempts").default
    with transaction.atomic():
        again = Job.objects.filter(id=job.id, state=Job.State.FAILED).update(
            **_queued_again(""), max_attempts=F("attempt") + fresh, not_before=None, finished_at=None
        )
        if again:
            _announce_on_commit(job)
    return bool(again)


def _queued_again(reason: str) -> dict[str, Any]:
    return {"state": Job.State.QUEUED, "error": reason, "lease_until": None, "announced_at": None}


def _write(job: Job, **values: Any) -> None:
    """Write to the row only while this attempt holds it."""
    held = Job.objects.filter(id=job.id, attempt=job.attempt, state=Job.State.RUNNING)
    if not held.update(**values):
        raise LeaseLost(f"attempt {job.attempt} of job {job} ({job.id}) no longer holds it")


def _announce_on_commit(job: Job) -> None:
    transaction.on_commit(lambda: announce_job(job.id, job.queue) and None)
