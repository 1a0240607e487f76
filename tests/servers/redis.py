"""A real Redis in a folder of its own, on a free port of 127.0.0.1."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.servers.process import Running, free_port, start, wait_until

IN_MEMORY = ("--save", "", "--appendonly", "no")
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")
"""As docker/compose.yaml has it: survives a kill."""


@dataclass
class RedisServer:
    """One server that can be stopped, killed and started again on the same port."""

    program: Path
    folder: Path
    port: int
    options: tuple[str, ...]
    running: Running | None = None

    @property
    def url(self) -> str:
        """The REDIS_URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        command += ["--maxmemory-policy", "noeviction", *self.options]
        self.running = start(command, log=self.folder / "redis.log")
        wait_until(self.answers, what="Redis starts", running=self.running)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL is a crash."""
        if self.running:
            self.running.stop(how)
            self.running = None

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.ConnectionError:
            return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)


@contextmanager
def redis_server(program: Path, folder: Path, *, options: tuple[str, ...] = IN_MEMORY) -> Iterator[RedisServer]:
    """A running Redis that is stopped afterwards."""
    server = RedisServer(program, folder, free_port(), options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
