"""The worker: the one file where the web's jobs meet the code that does them. An entry point; nothing imports it.

    celery -A inference.worker worker -Q gpu -c 1 -P prefork     one per GPU (production)
    celery -A inference.worker worker -Q cpu -c 2                figures, stimuli, exports (production)
    python -m inference.worker --local                           no broker: the embedded default

Each kind of job is a pure function from a plain request to a plain result. The functions are named, not imported: torch
is only loaded by the process that runs a job which needs it, never by a worker's parent.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyweb.settings")
django.setup()

from celery.signals import celeryd_init  # noqa: E402 - Django's models need setup first

from inference import local_runner  # noqa: E402
from studyweb.celery import RUN_JOB, app  # noqa: E402
from studyweb.jobs.heartbeat import Heartbeat  # noqa: E402
from studyweb.jobs.kinds import find_kind  # noqa: E402
from studyweb.jobs.models import Job  # noqa: E402
from studyweb.jobs.queue import LeaseLost, claim_job, fail_job, finish_job  # noqa: E402
from studyweb.jobs.sweeper import release_if_worker_died  # noqa: E402

log = logging.getLogger(__name__)

FUNCTIONS: dict[str, str] = {
    "advice": "inference.engine:advise",
    "export": "studyweb.export.archive:write_archive",
    "report": "studyweb.dashboard.report_files:write_report",
    "stimulus": "datagen.stimuli:make_stimulus",
}
"""{kind: module:function}; a function takes the request and `progress=`, and touches no database."""


def run_claimed(job: Job) -> None:
    """Do a claimed job: load its request, call its function under a heartbeat, store the result with its state.

    Every way it can end is written to the row; nothing is raised for a job that fails or is taken away.
    """
    try:
        with Heartbeat(job) as heartbeat:
            kind = find_kind(job.kind)
            result = find_function(job.kind)(kind.load(job), progress=heartbeat.report)
        finish_job(job, lambda: kind.store(job, result))
    except LeaseLost as lost:
        log.warning("%s: its result is dropped", lost)
    except ValueError as error:  # about the input: trying again cannot help
        _fail(job, error, may_retry=False)
    except Exception as error:  # anything else may be a passing trouble
        log.exception("job %s attempt %d", job.id, job.attempt)
        _fail(job, error, may_retry=True)


def find_function(kind: str) -> Callable[..., Any]:
    """The function of a kind of job; imports its module when first asked."""
    module, name = FUNCTIONS[kind].split(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function


def _fail(job: Job, error: Exception, *, may_retry: bool) -> None:
    try:
        fail_job(job, f"{type(error).__name__}: {error}", may_retry=may_retry)
    except LeaseLost as lost:
        log.warning("%s: its failure is not recorded", lost)


def worker_name() -> str:
    """Where this process runs: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


@app.task(name=RUN_JOB, bind=True)  # type: ignore[untyped-decorator]
def run_job(task: Any, job_id: str) -> None:
    """Celery's side: claim the job a message names and run it; a repeated message finds nothing to claim."""
    if task.request.delivery_info.get("redelivered"):
        release_if_worker_died(UUID(job_id))
    job = claim_job(UUID(job_id), queues=(), worker=worker_name())
    if job is not None:
        run_claimed(job)


@celeryd_init.connect  # type: ignore[untyped-decorator]
def refuse_other_pools(options: dict[str, Any] | None = None, **_: Any) -> None:
    """A queue with time limits and CUDA needs processes, one per GPU: other pools ignore limits or share a context."""
    given = options or {}
    pool, queues = given.get("pool"), str(given.get("queues") or "")
    is_prefork = pool is None or getattr(pool, "__module__", str(pool)).rpartition(".")[2] == "prefork"
    if "gpu" in queues and not (is_prefork and given.get("concurrency") == 1):
        sys.exit("A worker of the gpu queue runs with `-P prefork -c 1`: one process a GPU, which can be stopped.")


def main(arguments: list[str]) -> int:
    """The command line of the local runner; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m inference.worker", description="Runs jobs without a broker.")
    parser.add_argument("--local", action="store_true", required=True, help="claim jobs from the database")
    parser.add_argument("--queues", default="gpu,cpu", help="which queues, comma separated (default: gpu,cpu)")
    parser.add_argument("--until-idle", action="store_true", help="stop when no job is left")
    options = parser.parse_args(arguments)
    queues = tuple(options.queues.split(","))
    return local_runner.run(work, queues=queues, until_idle=options.until_idle)


def work(channel: local_runner.Channel, queues: tuple[str, ...]) -> None:
    """The child's loop: tell the parent which job is in hand, run it, ask for the next."""
    while True:
        job = claim_job(queues=queues, worker=worker_name())
        if job is None:
            channel.idle()
            continue
        channel.started(job)
        run_claimed(job)
        channel.finished()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
