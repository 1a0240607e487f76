"""What every test can ask for: real servers, a real browser, and MixTrial as a process.

Servers are started on demand, once for each test process. Where a program is missing, its tests are skipped; in CI
(CI=true) that is a failure instead.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import settings

from tests.servers.find import find_chromium, find_postgres, find_redis
from tests.servers.mixtrial import LiveMixtrial, process_environment
from tests.servers.mixtrial import run_manage as run_manage_process
from tests.servers.postgres import PostgresServer
from tests.servers.postgres import postgres_server as running_postgres
from tests.servers.redis import RedisServer
from tests.servers.redis import redis_server as running_redis

# No test fails for being slow on a busy machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def needed(path: Path | None, name: str) -> Path:
    """The path; a missing program skips the test, or fails it in CI."""
    if path is not None:
        return path
    reason = f"{name} is not installed (./dev test --yes installs it)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser's executable."""
    return needed(find_chromium(), "Chromium")


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: Path) -> dict[str, Any]:
    """pytest-playwright's hook: Debian's Chromium instead of a downloaded one."""
    return {"executable_path": str(chromium_path), "args": BROWSER_FLAGS}


@pytest.fixture(autouse=True)
def _allow_blocking_calls_beside_the_browser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Playwright's sync API keeps an event loop running, in which Django would refuse its own queries."""
    if "page" in request.fixturenames or "browser" in request.fixturenames:
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """A page of a German study leaves its language active in the thread that served it, which here is the test's."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server without fsync; tests about durability start their own."""
    with running_postgres(needed(find_postgres(), "PostgreSQL")) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The DATABASE_URL of an empty database for this test."""
    with postgres_server.new_database() as url:
        yield url


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server that keeps nothing on disk."""
    with running_redis(needed(find_redis(), "Redis"), tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The REDIS_URL of an empty Redis."""
    redis_server.client().flushall()
    return redis_server.url


@pytest.fixture
def run_manage(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """run_manage(["migrate"], {"DATABASE_URL": ...}): manage.py in a process, on a data folder of this test."""

    def run(
        arguments: Sequence[str], env: Mapping[str, str] | None = None, *, timeout_s: float = 120.0
    ) -> subprocess.CompletedProcess[str]:
        environment = process_environment(data=tmp_path / "data", extra=env)
        return run_manage_process(arguments, environment=environment, timeout_s=timeout_s)

    return run


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as a server with PostgreSQL serves them, collected once."""
    folder = tmp_path_factory.mktemp("static")
    environment = process_environment(data=tmp_path_factory.mktemp("collecting"), database_url="postgres://unused/x")
    arguments = ["collectstatic", "--no-input", "--verbosity", "0"]
    done = run_manage_process(arguments, environment={**environment, "MIXTRIAL_STATIC": str(folder)})
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def live_mixtrial(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., LiveMixtrial]]:
    """live_mixtrial(): a migrated web server on a free port, stopped after the test with all it started.

    Options: `data` (folder), `database_url`, `redis_url`, `extra` (environment), `serve=False` (no web server yet).
    """
    started: list[LiveMixtrial] = []

    def launch(
        *,
        data: Path | None = None,
        database_url: str = "",
        redis_url: str = "",
        extra: Mapping[str, str] | None = None,
        serve: bool = True,
    ) -> LiveMixtrial:
        folder = data or tmp_path / f"data-{len(started)}"
        folder.mkdir(parents=True, exist_ok=True)
        environment = process_environment(data=folder, database_url=database_url, redis_url=redis_url, extra=extra)
        if database_url and serve:
            environment["MIXTRIAL_STATIC"] = str(request.getfixturevalue("collected_static"))
        live = LiveMixtrial(folder, environment)
        started.append(live)
        live.manage("migrate", "--no-input")
        if serve:
            live.serve()
        return live

    yield launch
    for live in started:
        live.stop()
