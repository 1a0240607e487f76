"""Every command of docker/compose.yaml starts as a plain process on a real PostgreSQL and Redis, and turns healthy."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import needed
from tests.docker.compose import ComposeStack, read_compose
from tests.servers.find import find_redis
from tests.servers.mixtrial import LISTENING, ROOT
from tests.servers.postgres import PostgresServer
from tests.servers.process import wait_until
from tests.servers.redis import redis_server

SERVERS_OF_OTHERS = {"postgres", "redis", "nginx"}


@pytest.fixture
def secrets_folder(tmp_path: Path) -> Path:
    """Secrets as docker/make-secrets.sh makes them."""
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "docker" / "make-secrets.sh", folder], check=True, capture_output=True)
    return folder


@pytest.fixture
def redis_as_composed(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis started with the compose file's own command."""
    _program, *options = read_compose()["services"]["redis"]["command"]
    folder = tmp_path / "redis"
    folder.mkdir()
    with redis_server(needed(find_redis(), "Redis"), folder, options=tuple(options)) as server:
        yield server.url


@pytest.fixture
def database_of_the_product(postgres_server: PostgresServer, secrets_folder: Path) -> Iterator[str]:
    """The name of a database owned by the account that the containers use, with its password."""
    password = (secrets_folder / "postgres_password").read_text()
    with postgres_server.new_database() as url, postgres_server.connect("postgres") as connection:
        name = urlsplit(url).path.lstrip("/")
        connection.execute(f"CREATE ROLE mixtrial LOGIN PASSWORD '{password}'")
        connection.execute(f'ALTER DATABASE "{name}" OWNER TO mixtrial')
        yield name
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        connection.execute("DROP ROLE mixtrial")


@pytest.fixture
def stack(
    tmp_path: Path,
    postgres_server: PostgresServer,
    database_of_the_product: str,
    redis_as_composed: str,
    secrets_folder: Path,
) -> Iterator[ComposeStack]:
    """The services, pointed at this machine's servers."""
    (tmp_path / "data").mkdir()
    replaced = {
        "POSTGRES_HOST": f"127.0.0.1:{postgres_server.port}",
        "POSTGRES_DB": database_of_the_product,
        "POSTGRES_PASSWORD_FILE": str(secrets_folder / "postgres_password"),
        "MIXTRIAL_SECRET_KEY_FILE": str(secrets_folder / "secret_key"),
        "MIXTRIAL_HOSTS": "trials.example.org",
        "REDIS_URL": redis_as_composed,
        "GUNICORN_CMD_ARGS": "--bind 127.0.0.1:0",
    }
    stack = ComposeStack(tmp_path, replaced)
    yield stack
    stack.stop()


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.slow
def test_every_command_of_the_compose_file_turns_healthy_and_stops(stack: ComposeStack) -> None:
    stack.run_once("migrate")
    for service in ("web", "worker-cpu", "worker-gpu", "beat"):
        stack.start(service)
    assert set(stack.services) == {*stack.processes, "migrate", *SERVERS_OF_OTHERS}, "a service is not tested"

    web = stack.processes["web"]
    address = wait_until(lambda: LISTENING.search(web.output()), what="gunicorn listens", running=web)
    stack.wait_until_healthy("web", {"MIXTRIAL_CHECK_URL": f"{address.group(1)}/readyz"})
    stack.wait_until_healthy("worker-cpu")
    stack.wait_until_healthy("worker-gpu")

    worker = stack.processes["worker-cpu"]
    swept = "Task studyweb.sweep_jobs"
    wait_until(lambda: swept in worker.output(), what="beat's sweep reaches a worker", running=worker, timeout_s=60)

    assert stack.stop() == {"beat": 0, "worker-gpu": 0, "worker-cpu": 0, "web": 0}
