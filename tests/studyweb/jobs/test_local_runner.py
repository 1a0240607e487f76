"""The runner without a broker: a child that works, and a parent that notices whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.mixtrial import ROOT, LiveMixtrial
from tests.servers.process import Running, wait_until
from tests.studyweb.jobs.conftest import SlowJobs, open_gate, started_process

RUNNER = ("-m", "tests.studyweb.jobs.slow_worker", "--local")


@pytest.fixture
def jobs(local_mixtrial: Callable[..., LiveMixtrial], tmp_path: Path) -> SlowJobs:
    """Slow jobs on SQLite, with leases of two seconds and a time limit of three."""
    return SlowJobs(local_mixtrial(MIXTRIAL_JOB_LEASE_S="2", SLOW_LIMIT_S="3"), tmp_path / "jobs")


def start_runner(jobs: SlowJobs) -> Running:
    return jobs.live.start(*RUNNER)


def test_jobs_are_run_until_none_is_left(jobs: SlowJobs) -> None:
    open_gate(*jobs.queue("a", "b", "c"))
    runner = jobs.live.start(*RUNNER, "--until-idle")
    assert runner.process.wait(60) == 0, runner.output()
    assert [jobs.stored(key) for key in "abc"] == [["a attempt 1"], ["b attempt 1"], ["c attempt 1"]]


def test_a_child_killed_in_mid_job_leaves_one_result(jobs: SlowJobs) -> None:
    (folder,) = jobs.queue("a")
    start_runner(jobs)
    os.kill(started_process(folder), signal.SIGKILL)
    started_process(folder, attempt=2)
    open_gate(folder)
    jobs.wait_for("a", "done")
    assert jobs.stored("a") == ["a attempt 2"]
    assert jobs.column("a", "attempt") == 2


def test_a_job_past_its_time_limit_is_killed_and_tried_again(jobs: SlowJobs) -> None:
    (folder,) = jobs.queue("a", hangs_in_attempt=1)
    open_gate(folder)
    start_runner(jobs)
    jobs.wait_for("a", "done")
    assert jobs.stored("a") == ["a attempt 2"]


def test_a_job_that_kills_every_worker_fails_with_the_reason(jobs: SlowJobs) -> None:
    (folder,) = jobs.queue("a")
    start_runner(jobs)
    for attempt in (1, 2, 3):
        os.kill(started_process(folder, attempt), signal.SIGKILL)
    jobs.wait_for("a", "failed")
    assert jobs.column("a", "error") == "the worker process ended with signal SIGKILL"
    assert jobs.stored("a") == []


def test_bad_input_fails_at_once_and_trouble_is_tried_again(jobs: SlowJobs) -> None:
    jobs.queue("bad", error="ValueError")
    jobs.queue("unlucky", error="OSError")
    start_runner(jobs)
    jobs.wait_for("bad", "failed")
    assert (jobs.column("bad", "error"), jobs.column("bad", "attempt")) == ("ValueError: as asked", 1)
    wait_until(lambda: jobs.column("unlucky", "error"), what="the first attempt fails")
    assert jobs.column("unlucky", "state") != "failed"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_runner_gives_its_job_back_without_using_up_an_attempt(jobs: SlowJobs, how: signal.Signals) -> None:
    (folder,) = jobs.queue("a")
    runner = start_runner(jobs)
    child = started_process(folder)
    assert runner.stop(how) == 0
    assert not Path(f"/proc/{child}").exists() or sys.platform != "linux"
    assert jobs.column("a", "state") == "queued"
    assert jobs.column("a", "max_attempts") == 4


def test_the_child_of_a_killed_parent_ends_and_another_runner_takes_over(jobs: SlowJobs) -> None:
    (folder,) = jobs.queue("a")
    runner = start_runner(jobs)
    child = started_process(folder)
    os.kill(runner.pid, signal.SIGKILL)
    wait_until(lambda: not _is_running(child), what="the child notices that its parent is gone")
    start_runner(jobs)
    open_gate(folder)
    jobs.wait_for("a", "done")
    assert jobs.stored("a") == ["a attempt 2"]


def test_a_database_without_tables_is_named(tmp_path: Path) -> None:
    environment = {**os.environ, "MIXTRIAL_DATA": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""}
    done = _python("-m", "inference.worker", "--local", environment=environment)
    assert done.returncode == 1
    assert "run `manage.py migrate` first" in done.stderr


def test_the_parent_of_a_worker_loads_no_model_library(tmp_path: Path) -> None:
    environment = {**os.environ, "MIXTRIAL_DATA": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""}
    heavy = "{'torch', 'transformers', 'peft'} & set(sys.modules)"
    code = f"import sys, inference.worker, inference.local_runner; print(sorted({heavy}))"
    assert _python("-c", code, environment=environment).stdout.strip() == "[]"


def _python(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # A zombie has ended; nobody has asked for its status yet.
    status = Path(f"/proc/{process}/stat")
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")
