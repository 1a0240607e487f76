"""The same rows through Celery: a real Redis carries only ids, a real PostgreSQL keeps the truth."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from tests.servers.mixtrial import LiveMixtrial
from tests.servers.process import Running, wait_until
from tests.studyweb.jobs.conftest import SlowJobs, open_gate, started_process

pytestmark = pytest.mark.redis

WORKER = ("-m", "celery", "-A", "tests.studyweb.jobs.slow_worker", "worker", "-Q", "cpu", "-l", "INFO")


SETTINGS = {"MIXTRIAL_JOB_LEASE_S": "4", "MIXTRIAL_VISIBILITY_TIMEOUT_S": "2"}
"""Redis hands a message out again after two seconds, whatever its worker does."""


@pytest.fixture
def jobs(local_mixtrial: Callable[..., LiveMixtrial], redis_url: str, tmp_path: Path) -> SlowJobs:
    """Slow jobs announced through Redis; the rows are in SQLite, which is quick to set up."""
    return SlowJobs(local_mixtrial(REDIS_URL=redis_url, **SETTINGS), tmp_path / "jobs")


@pytest.fixture
def server_jobs(
    live_mixtrial: Callable[..., LiveMixtrial], postgres_url: str, redis_url: str, tmp_path: Path
) -> SlowJobs:
    """Slow jobs on PostgreSQL and Redis, as on a server."""
    live = live_mixtrial(database_url=postgres_url, redis_url=redis_url, extra=SETTINGS, serve=False)
    return SlowJobs(live, tmp_path / "jobs")


def start_worker(jobs: SlowJobs, name: str = "one") -> Running:
    worker = jobs.live.start(*WORKER, "-c", "1", "-n", f"{name}@test")
    wait_until(lambda: "ready." in worker.output(), what="the worker is ready", running=worker, timeout_s=60)
    return worker


def waiting_messages(url: str) -> int:
    return int(redis.Redis.from_url(url).llen("cpu"))  # type: ignore[arg-type]


def send_again(jobs: SlowJobs, key: str, times: int) -> None:
    jobs.run(
        "from studyweb.jobs.announce import announce_job\n"
        f"job = Job.objects.get(key={key!r})\n"
        f"for _ in range({times}): announce_job(job.id, job.queue)"
    )


def test_a_message_delivered_many_times_gives_one_result(jobs: SlowJobs) -> None:
    folder, last = jobs.queue("a", "last")
    send_again(jobs, "a", times=5)
    open_gate(folder, last)
    start_worker(jobs)
    jobs.wait_for("last", "done")
    jobs.wait_for("a", "done")
    assert jobs.stored("a") == ["a attempt 1"]
    assert jobs.column("a", "attempt") == 1


def test_a_message_comes_after_the_commit_and_never_for_a_rolled_back_job(jobs: SlowJobs, redis_url: str) -> None:
    jobs.run(
        "from django.conf import settings\n"
        "import redis\n"
        "count = lambda: redis.Redis.from_url(settings.REDIS_URL).llen('cpu')\n"
        "with transaction.atomic():\n"
        "    enqueue('slow', key='gone', payload={})\n"
        "    transaction.set_rollback(True)\n"
        "assert count() == 0\n"
        "with transaction.atomic():\n"
        "    enqueue('slow', key='kept', payload={})\n"
        "    assert count() == 0\n"
        "assert count() == 1"
    )
    assert jobs.query("SELECT key FROM jobs_job") == [("kept",)]
    assert waiting_messages(redis_url) == 1


def test_an_emptied_broker_is_told_again_by_the_sweeper(jobs: SlowJobs, redis_url: str) -> None:
    keys = [f"job{number}" for number in range(5)]
    folders = jobs.queue(*keys)
    open_gate(*folders)
    assert waiting_messages(redis_url) == 5
    redis.Redis.from_url(redis_url).flushall()
    jobs.run("assert sweep_jobs(announce_again_after_s=0).announced == 5")
    start_worker(jobs)
    for key in keys:
        jobs.wait_for(key, "done")
        assert jobs.stored(key) == [f"{key} attempt 1"]


def test_a_broker_that_is_gone_does_not_keep_a_job_from_being_stored(jobs: SlowJobs) -> None:
    jobs.live.environment["REDIS_URL"] = "redis://127.0.0.1:9/0"
    jobs.queue("a")
    assert jobs.column("a", "state") == "queued"
    assert jobs.column("a", "announced_at") is None


@pytest.mark.postgres
def test_a_worker_child_killed_in_mid_job_leaves_one_result(server_jobs: SlowJobs) -> None:
    (folder,) = server_jobs.queue("a")
    start_worker(server_jobs)
    os.kill(started_process(folder), signal.SIGKILL)
    started_process(folder, attempt=2)
    open_gate(folder)
    server_jobs.wait_for("a", "done")
    assert server_jobs.stored("a") == ["a attempt 2"]


@pytest.mark.postgres
def test_a_job_longer_than_the_visibility_timeout_runs_once(server_jobs: SlowJobs, redis_url: str) -> None:
    (folder,) = server_jobs.queue("a")
    first = start_worker(server_jobs, "first")
    started_process(folder)
    second = start_worker(server_jobs, "second")
    send_again(server_jobs, "a", times=1)  # what Redis does when its timeout has passed
    wait_until(lambda: "received" in second.output() or "received" in first.output(), what="a second delivery")
    wait_until(lambda: waiting_messages(redis_url) == 0, what="every message is taken")
    open_gate(folder)
    server_jobs.wait_for("a", "done")
    assert server_jobs.stored("a") == ["a attempt 1"]
    assert not (folder / "started-2").exists()


@pytest.mark.postgres
def test_a_whole_worker_killed_in_mid_job_is_replaced_when_its_lease_ends(server_jobs: SlowJobs) -> None:
    (folder,) = server_jobs.queue("a")
    worker = start_worker(server_jobs)
    child = started_process(folder)
    for process in (worker.pid, child):
        os.kill(process, signal.SIGKILL)
    start_worker(server_jobs, "second")
    open_gate(folder)
    wait_until(lambda: _swept(server_jobs), what="the lease ends and the sweeper queues the job again")
    server_jobs.wait_for("a", "done")
    assert server_jobs.stored("a") == ["a attempt 2"]


@pytest.mark.parametrize("pool", [("-P", "solo"), ("-P", "threads", "-c", "1"), ("-P", "prefork", "-c", "2")])
def test_the_gpu_queue_refuses_a_worker_that_cannot_be_stopped(
    local_mixtrial: Callable[..., LiveMixtrial], pool: tuple[str, ...]
) -> None:
    worker = local_mixtrial().start("-m", "celery", "-A", "inference.worker", "worker", "-Q", "gpu", *pool)
    assert worker.process.wait(60) != 0
    assert "`-P prefork -c 1`" in worker.output()


def _swept(jobs: SlowJobs) -> bool:
    jobs.run("sweep_jobs(announce_again_after_s=0)")
    return bool(jobs.column("a", "state") != "running" or jobs.column("a", "attempt") == 2)
