"""The server of the durability bench: real gunicorn on SQLite or PostgreSQL, killed and started again at will."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.durability.verdict import Row
from tests.servers.mixtrial import ROOT, LiveMixtrial, process_environment
from tests.servers.postgres import PostgresServer, postgres_server

TRIALS = 2
"""Scored trials of a session; one to practise comes before them."""
BUGGY_SETTINGS = "tests.bench.durability.buggy_settings"


@dataclass
class Server:
    """A running site, and the database server behind it if there is one."""

    live: LiveMixtrial
    postgres: PostgresServer | None = None

    @property
    def url(self) -> str:
        return self.live.url

    def kill_and_restart(self) -> None:
        """Kill the web server in the middle of whatever it does; PostgreSQL crashes with it."""
        killed = self.live.processes.pop()
        killed.stop(signal.SIGKILL)
        killed.log.unlink()  # the next one's address is read from a log of its own
        if self.postgres:
            self.postgres.stop(signal.SIGQUIT)
            self.postgres.start()
        self.live.serve()

    @contextmanager
    def bug(self, name: str) -> Iterator[None]:
        """Serve with a bug of server_bugs.py seeded while the block runs."""
        proper = dict(self.live.environment)
        self.live.environment |= {"DJANGO_SETTINGS_MODULE": BUGGY_SETTINGS, "DURABILITY_BUG": name}
        self.kill_and_restart()
        try:
            yield
        finally:
            self.live.environment = proper
            self.kill_and_restart()

    def new_study(self, trials: int = TRIALS) -> str:
        """The public id of a study that nobody has taken part in."""
        return str(self._ledger("study", str(trials)))

    def stored(self, study: str) -> tuple[list[Row], list[str]]:
        """Every answer of a study in the database, and what is wrong with its participants' chains."""
        found = self._ledger("rows", study)
        return [Row(*row) for row in found["rows"]], found["breaks"]

    def _ledger(self, *arguments: str) -> Any:
        command = [sys.executable, "-m", "tests.bench.durability.ledger", *arguments]
        environment = {**self.live.environment, "DJANGO_SETTINGS_MODULE": "studyweb.settings"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def sqlite_site() -> Iterator[Server]:
    """The embedded default."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-durability-") as folder:
        yield from _serving(LiveMixtrial(Path(folder), process_environment(data=Path(folder))), None)


@contextmanager
def postgres_site(binaries: Path) -> Iterator[Server]:
    """A server's set-up on PostgreSQL with its own defaults for what a crash leaves (fsync on)."""
    with (
        tempfile.TemporaryDirectory(prefix="mixtrial-durability-") as folder,
        postgres_server(binaries, settings=()) as postgres,
        postgres.new_database() as url,
    ):
        data = Path(folder)
        environment = process_environment(data=data, database_url=url, extra={"MIXTRIAL_STATIC": str(data / "static")})
        live = LiveMixtrial(data, environment)
        live.manage("collectstatic", "--no-input", "--verbosity", "0")
        yield from _serving(live, postgres)


def _serving(live: LiveMixtrial, postgres: PostgresServer | None) -> Iterator[Server]:
    try:
        live.manage("migrate", "--no-input")
        live.serve()
        yield Server(live, postgres)
    finally:
        live.stop()
