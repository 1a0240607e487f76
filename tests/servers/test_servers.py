"""The real servers of the other tests: they answer, they are separate, and they leave nothing behind."""

from __future__ import annotations

import signal
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Page

from tests.servers.find import find_redis
from tests.servers.mixtrial import LiveMixtrial
from tests.servers.postgres import PostgresServer
from tests.servers.redis import DURABLE, RedisServer, redis_server


@pytest.mark.postgres
def test_every_test_gets_an_empty_postgres_database(postgres_server: PostgresServer) -> None:
    with postgres_server.new_database() as first, psycopg.connect(first) as connection:
        connection.execute("CREATE TABLE left_behind (id int)")
        connection.commit()
        with postgres_server.new_database() as second, psycopg.connect(second) as other:
            found = other.execute("SELECT to_regclass('left_behind')").fetchone()
    assert found == (None,)


@pytest.mark.redis
def test_redis_is_empty_at_the_start_of_a_test(redis_url: str, redis_server: RedisServer) -> None:
    assert redis_url == redis_server.url
    assert redis_server.client().dbsize() == 0


@pytest.mark.redis
def test_a_durable_redis_keeps_acknowledged_writes_through_a_kill(tmp_path: Path, redis_url: str) -> None:
    program = find_redis()
    assert program is not None
    with redis_server(program, tmp_path, options=DURABLE) as server:
        server.client().set("kept", "yes")
        server.stop(signal.SIGKILL)
        server.start()
        assert server.client().get("kept") == b"yes"


@pytest.mark.browser
def test_the_browser_runs_scripts(page: Page) -> None:
    page.set_content("<p id=x></p><script>document.getElementById('x').textContent = 6 * 7</script>")
    assert page.locator("#x").text_content() == "42"


def test_the_product_serves_its_login_page(live_mixtrial: Callable[..., LiveMixtrial]) -> None:
    live = live_mixtrial()
    with urllib.request.urlopen(f"{live.url}/admin/login/", timeout=20) as response:
        assert response.status == 200


@pytest.mark.postgres
def test_the_product_migrates_postgres(
    run_manage: Callable[..., subprocess.CompletedProcess[str]], postgres_url: str
) -> None:
    done = run_manage(["migrate", "--no-input"], {"DATABASE_URL": postgres_url, "MIXTRIAL_SECRET_KEY": "x"})
    assert done.returncode == 0, done.stdout + done.stderr
