"""Jobs in tests: a kind of their own, queued in this process or on the database of a running MixTrial."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from studyweb.jobs.kinds import KIND_MODULES
from tests.servers.mixtrial import LiveMixtrial, process_environment, run_manage
from tests.servers.process import wait_until

PRELUDE = """
import json, sys
from pathlib import Path
from django.db import transaction
from studyweb.jobs.kinds import KIND_MODULES
from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.jobs.sweeper import sweep_jobs
KIND_MODULES["slow"] = "tests.studyweb.jobs.slow_work"
"""


@pytest.fixture(scope="session")
def migrated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an empty, migrated SQLite database, made once and then copied."""
    folder = tmp_path_factory.mktemp("migrated")
    done = run_manage(["migrate", "--no-input"], environment=process_environment(data=folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def local_mixtrial(migrated_data: Path, tmp_path: Path) -> Iterator[Callable[..., LiveMixtrial]]:
    """local_mixtrial(NAME=value): MixTrial on a SQLite database of its own, without a web server."""
    started: list[LiveMixtrial] = []

    def launch(**extra: str) -> LiveMixtrial:
        data = tmp_path / f"data-{len(started)}"
        shutil.copytree(migrated_data, data)
        started.append(LiveMixtrial(data, process_environment(data=data, extra=extra)))
        return started[-1]

    yield launch
    for live in started:
        live.stop()


@pytest.fixture
def slow_kind() -> Iterator[None]:
    """The tests' kind of job, known in this process while the test runs."""
    KIND_MODULES["slow"] = "tests.studyweb.jobs.slow_work"
    yield
    del KIND_MODULES["slow"]


class SlowJobs:
    """Slow jobs on a running MixTrial's database, each in a folder of its own."""

    def __init__(self, live: LiveMixtrial, folder: Path) -> None:
        self.live = live
        self.folder = folder

    def run(self, code: str) -> None:
        """Run code in a process of MixTrial's own."""
        self.live.manage("shell", "-v", "0", "-c", f"{PRELUDE}\n{code}")

    def queue(self, *keys: str, **payload: Any) -> list[Path]:
        """Queue slow jobs in one transaction; the folders of their marks."""
        folders = [self.folder / key for key in keys]
        for folder in folders:
            folder.mkdir(parents=True)
        lines = [
            f"    enqueue('slow', key={key!r}, payload=json.loads({json.dumps({'folder': str(folder), **payload})!r}))"
            for key, folder in zip(keys, folders, strict=True)
        ]
        self.run("\n".join(["with transaction.atomic():", *lines]))
        return folders

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows straight from the database, whichever it is; a mere look, so no Django is needed."""
        url = self.live.environment["DATABASE_URL"]
        if url:
            with psycopg.connect(url) as connection:
                return connection.execute(sql).fetchall()
        with sqlite3.connect(self.live.data / "mixtrial.sqlite3") as connection:
            return connection.execute(sql).fetchall()

    def column(self, key: str, name: str) -> Any:
        """One column of a job's row."""
        return self.query(f"SELECT {name} FROM jobs_job WHERE key = '{key}'")[0][0]

    def stored(self, key: str) -> list[str]:
        """What was stored for a job."""
        return [name for (name,) in self.query(f"SELECT name FROM auth_group WHERE name LIKE '{key} %'")]

    def wait_for(self, key: str, state: str) -> None:
        """Wait until the job is in this state."""
        wait_until(lambda: self.column(key, "state") == state, what=f"{key} is {state}")


def started_process(folder: Path, attempt: int = 1) -> int:
    """The process that works on an attempt, once it has started."""
    mark = folder / f"started-{attempt}"
    return int(wait_until(lambda: mark.exists() and mark.read_text(), what=f"{folder.name} starts attempt {attempt}"))


def open_gate(*folders: Path) -> None:
    """Let the jobs of these folders finish."""
    for folder in folders:
        (folder / "gate").touch()
