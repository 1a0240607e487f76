"""Puts right what a lost worker or a lost message left behind. Safe to run anywhere, at any time, twice at once."""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from studyweb.jobs.announce import announce_job
from studyweb.jobs.claim import due_jobs
from studyweb.jobs.models import Job
from studyweb.jobs.queue import LeaseLost, release_job

log = logging.getLogger(__name__)

ANNOUNCE_AGAIN_AFTER_S = 60
"""A due job that was announced longer ago than this is announced again."""

ANNOUNCED_AT_ONCE = 50
"""Most messages of one sweep, oldest jobs first: a long queue must not flood the broker with repeats."""


@dataclass(frozen=True)
class Sweep:
    """What one sweep did, in jobs."""

    requeued: int
    failed: int
    announced: int


def sweep_jobs(*, announce_again_after_s: float = ANNOUNCE_AGAIN_AFTER_S) -> Sweep:
    """Queue or fail the jobs whose lease ran out, then announce due jobs the broker may have forgotten."""
    failed = _fail_worn_out()
    requeued = _requeue_expired()
    announced = _announce_forgotten(announce_again_after_s) if settings.REDIS_URL else 0
    done = Sweep(requeued=requeued, failed=failed, announced=announced)
    if failed or requeued:
        log.warning("sweep: %s", done)
    return done


def _fail_worn_out() -> int:
    """Jobs that lost their last attempt with their worker: the reason is what is known about it."""
    failed = 0
    for job in _expired().filter(attempt__gte=F("max_attempts")):
        reason = f"the worker {job.worker} stopped answering in attempt {job.attempt} of {job.max_attempts}"
        failed += (
            _expired()
            .filter(id=job.id, attempt=job.attempt)
            .update(state=Job.State.FAILED, error=reason, finished_at=Now(), lease_until=None)
        )
    return failed


def _requeue_expired() -> int:
    return (
        _expired()
        .filter(attempt__lt=F("max_attempts"))
        .update(
            state=Job.State.QUEUED,
            lease_until=None,
            announced_at=None,
            error="the worker stopped answering; queued again",
        )
    )


def _announce_forgotten(after_s: float) -> int:
    forgotten = Q(announced_at__isnull=True) | Q(announced_at__lt=Now() - timedelta(seconds=after_s))
    waiting = due_jobs().filter(forgotten).values_list("id", "queue")[:ANNOUNCED_AT_ONCE]
    return sum(announce_job(job_id, queue) for job_id, queue in list(waiting))


def _expired() -> QuerySet[Job]:
    return Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now())


def release_if_worker_died(job_id: UUID) -> None:
    """Queue a running job again at once when its worker was a process of this host that no longer exists.

    Workers are named `host:process id`. On other hosts, or where the id was given to a new process, the lease
    decides as usual.
    """
    job = Job.objects.filter(id=job_id, state=Job.State.RUNNING).first()
    if job is None or not _was_here_and_is_gone(job.worker):
        return
    try:
        release_job(job, f"the worker {job.worker} died")
    except LeaseLost:
        log.info("job %s was already taken care of", job)


def _was_here_and_is_gone(worker: str) -> bool:
    host, _, process_id = worker.rpartition(":")
    if host != socket.gethostname() or not process_id.isdigit():
        return False
    try:
        os.kill(int(process_id), 0)  # signal 0 only asks whether it exists
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
