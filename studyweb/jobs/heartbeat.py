"""A thread that renews a job's lease while the work runs, and stops the work when the lease is lost."""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from types import TracebackType

from django.conf import settings
from django.db import DatabaseError, connection

from studyweb.jobs.models import Job
from studyweb.jobs.queue import LeaseLost, beat

log = logging.getLogger(__name__)

LONGEST_PAUSE_S = 2.0
"""Progress is shown at least this often, however long the lease."""

COOPERATIVE_S = 5.0
"""How long the work may go on to its next progress report before it is interrupted."""


class Heartbeat:
    """`with Heartbeat(job) as heartbeat: work(progress=heartbeat.report)`, in the thread that does the work.

    The lease is renewed four times in its length. When it is lost, the next `report` raises LeaseLost; work that does
    not report is interrupted with the same exception at its next bytecode.
    """

    def __init__(self, job: Job, *, lease_s: float | None = None) -> None:
        self.job = job
        self.lease_s = settings.JOB_LEASE_S if lease_s is None else lease_s
        self._latest: tuple[float, str] = (0.0, "")
        self._lost: LeaseLost | None = None
        self._over = threading.Event()
        self._guard = threading.Lock()
        self._worker_thread = threading.get_ident()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat {job.id}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:  # after this no interruption is sent, so none can reach what runs next
            self._over.set()
        self._thread.join()

    def report(self, progress: float, message: str) -> None:
        """Note the share done (0..1); cheap, may be called often. Raises LeaseLost when the work must stop."""
        self._latest = (progress, message)
        if self._lost is not None:
            raise self._lost

    def _run(self) -> None:
        try:
            self._renew_until_over()
        finally:
            connection.close()  # this thread's own connection

    def _renew_until_over(self) -> None:
        valid_until = time.monotonic() + self.lease_s
        while not self._over.wait(min(self.lease_s / 4, LONGEST_PAUSE_S)):
            asked_at = time.monotonic()
            try:
                beat(self.job, *self._latest, lease_s=self.lease_s)
            except LeaseLost as lost:
                self._stop_work(lost)
                return
            except DatabaseError as error:
                log.warning("job %s: the lease could not be renewed (%s)", self.job.id, error)
                connection.close()
                if time.monotonic() > valid_until:
                    self._stop_work(LeaseLost(f"job {self.job.id}: the database was gone for longer than the lease"))
                    return
            else:
                valid_until = asked_at + self.lease_s

    def _stop_work(self, lost: LeaseLost) -> None:
        log.warning("%s; stopping the work", lost)
        self._lost = lost
        if self._over.wait(COOPERATIVE_S):
            return
        with self._guard:
            if not self._over.is_set():
                # CPython's own way to raise in another thread; the interpreter delivers it between two bytecodes.
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(self._worker_thread), ctypes.py_object(LeaseLost)
                )
