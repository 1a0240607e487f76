"""The local runner's parent: one child that works, watched, stopped and started again. It never imports torch.

The child is a fresh interpreter (spawn), so a job that hangs, grows or crashes takes only the child with it. The
parent knows at once when that happens, so the job is queued again without waiting for its lease.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection

from studyweb.jobs.models import Job
from studyweb.jobs.queue import LeaseLost, release_job
from studyweb.jobs.sweeper import sweep_jobs

log = logging.getLogger(__name__)

IDLE_S = 0.5
"""How long an idle child waits before it looks for a job again."""

SWEEP_EVERY_S = 10.0
STOP_WITHIN_S = 5.0
"""A child that is told to stop and has not done so by then is killed."""

RESTART_PAUSE_S = 1.0
"""A child that cannot even start must not be started in a tight loop."""

Work = Callable[["Channel", tuple[str, ...]], None]


class Channel:
    """The child's end: what it tells its parent."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def started(self, job: Job) -> None:
        """This job, in this attempt, is in hand."""
        self._pipe.send((job.id, job.attempt))

    def finished(self) -> None:
        """Nothing is in hand."""
        self._pipe.send(None)
        close_old_connections()

    def idle(self) -> None:
        """There was no job: say so and wait a moment."""
        self._pipe.send(None)
        close_old_connections()
        time.sleep(IDLE_S)


@dataclass
class Child:
    """One child process and what it has in hand."""

    process: SpawnProcess
    pipe: Connection
    job: tuple[UUID, int] | None = None
    since: float = 0.0

    def listen(self, seconds: float) -> None:
        """Wait that long for news and note it."""
        while self.pipe.poll(seconds):
            self.job = self.pipe.recv()
            self.since = time.monotonic()
            seconds = 0.0


def run(work: Work, *, queues: tuple[str, ...], until_idle: bool = False) -> int:
    """Run jobs until SIGINT or SIGTERM, or until none is left; the exit status."""
    stop = _stop_on_signals()
    if Job._meta.db_table not in connection.introspection.table_names():
        log.error("the database has no tables yet: run `manage.py migrate` first")
        return 1
    child: Child | None = None
    swept_at = 0.0
    log.info("running jobs of %s", ", ".join(queues))
    try:
        while not stop.is_set() and not (until_idle and nothing_left(queues)):
            if time.monotonic() - swept_at > SWEEP_EVERY_S:
                swept_at = time.monotonic()
                _sweep()
            child = child or start_child(work, queues)
            child = watch(child)
            if child is None:
                stop.wait(RESTART_PAUSE_S)
    finally:
        if child is not None:
            stop_child(child, "the worker was stopped", counts=False)
    return 0


def nothing_left(queues: tuple[str, ...]) -> bool:
    """Whether no job of these queues is queued or running; not while the database cannot say."""
    unfinished = (Job.State.QUEUED, Job.State.RUNNING)
    try:
        return not Job.objects.filter(queue__in=queues, state__in=unfinished).exists()
    except DatabaseError:
        log.exception("the database did not answer; it is asked again")
        return False


def start_child(work: Work, queues: tuple[str, ...]) -> Child:
    """A new process that runs `work`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=child_main, args=(work, theirs, queues), name="worker", daemon=True)
    process.start()
    theirs.close()
    return Child(process, ours)


def child_main(work: Work, pipe: Connection, queues: tuple[str, ...]) -> None:
    """The child's first function. Ctrl-C goes to the parent, which stops the child; without a parent it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))  # leaves nothing behind, unlike being killed
    threading.Thread(target=_die_with_parent, args=(multiprocessing.parent_process(),), daemon=True).start()
    work(Channel(pipe), queues)


def watch(child: Child) -> Child | None:
    """Listen to the child for a moment; None when it is gone or had to be killed, its job released."""
    try:
        child.listen(IDLE_S)
    except (EOFError, OSError):
        child.process.join(STOP_WITHIN_S)
    if not child.process.is_alive():
        _release(child, f"the worker process ended with {_ending(child.process)}", counts=True)
        return None
    limit_s = settings.CELERY_TASK_TIME_LIMIT
    if child.job is not None and time.monotonic() - child.since > limit_s:
        stop_child(child, f"the job ran longer than {limit_s} s", counts=True)
        return None
    return child


def stop_child(child: Child, reason: str, *, counts: bool) -> None:
    """End the child, politely first, and queue what it had in hand again."""
    child.process.terminate()
    child.process.join(STOP_WITHIN_S)
    if child.process.is_alive():
        child.process.kill()
        child.process.join()
    try:
        child.listen(0.0)
    except (EOFError, OSError):
        log.debug("the child left nothing more to read")
    _release(child, reason, counts=counts)


def _release(child: Child, reason: str, *, counts: bool) -> None:
    if child.job is None:
        return
    job_id, attempt = child.job
    try:
        job = Job.objects.filter(id=job_id).first()
        if job is None or job.attempt != attempt:
            return
        log.warning("job %s: %s", job, reason)
        release_job(job, reason, counts=counts)
    except LeaseLost:
        log.info("job %s had already ended", job_id)
    except DatabaseError:
        log.exception("job %s could not be released; its lease runs out and brings it back", job_id)


def _sweep() -> None:
    try:
        close_old_connections()
        sweep_jobs()
    except DatabaseError:
        log.exception("the sweep failed; it runs again in %g s", SWEEP_EVERY_S)


def _die_with_parent(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _ending(process: SpawnProcess) -> str:
    code = process.exitcode
    return f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit status {code}"


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    return stop
