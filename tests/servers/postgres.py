"""A real PostgreSQL in a folder of its own, on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.servers.process import Running, free_port, start, wait_until

QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Settings for tests that do not ask what a power cut leaves."""


@dataclass
class PostgresServer:
    """One server that can be stopped, killed and started again on the same port and data."""

    binaries: Path
    folder: Path
    port: int
    settings: tuple[str, ...]
    running: Running | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = ("listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}")
        command = [self.binaries / "postgres", "-D", self.folder / "data"]
        command += [part for option in (*options, *self.settings) for part in ("-c", option)]
        log = self.folder / "postgres.log"
        self.running = start(command, log=log, user=server_user(), cwd=self.folder)
        wait_until(self.answers, what="PostgreSQL starts", running=self.running)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT drops connections and writes everything, SIGQUIT is a crash."""
        if self.running:
            self.running.stop(how)
            self.running = None

    def answers(self) -> bool:
        try:
            with self.connect("postgres"):
                return True
        except psycopg.OperationalError:
            return False

    def connect(self, database: str) -> psycopg.Connection:
        """An autocommit connection as the superuser."""
        return psycopg.connect(self.url(database), autocommit=True, connect_timeout=5)

    def url(self, database: str) -> str:
        """The DATABASE_URL of one of its databases."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    @contextmanager
    def new_database(self, template: str = "template0") -> Iterator[str]:
        """The URL of an empty database (or a copy of `template`) that is dropped afterwards."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield self.url(name)
        finally:
            with self.connect("postgres") as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def postgres_server(binaries: Path, *, settings: tuple[str, ...] = QUICK) -> Iterator[PostgresServer]:
    """A running PostgreSQL that is gone afterwards; `binaries` is the folder of initdb and postgres."""
    folder = Path(tempfile.mkdtemp(prefix="mixtrial-postgres-"))
    server = PostgresServer(binaries, folder, free_port(), settings)
    try:
        _initialise(server)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(server: PostgresServer) -> None:
    user = server_user()
    if user:
        shutil.chown(server.folder, user)
    command = [server.binaries / "initdb", "-D", server.folder / "data", "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C", "--no-sync"]
    made = subprocess.run(
        command, capture_output=True, text=True, cwd=server.folder, user=user, check=False, stdin=subprocess.DEVNULL
    )
    assert made.returncode == 0, f"initdb failed:\n{made.stdout}{made.stderr}"


def server_user() -> str | None:
    """PostgreSQL refuses to run as root: the account it runs as then, else None (our own)."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
