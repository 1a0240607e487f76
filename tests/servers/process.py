"""Starting, watching and ending the processes of tests."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

POLL_S = 0.05


@dataclass
class Running:
    """A process of ours and the file that its output goes to."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        """Everything it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def stop(self, how: signal.Signals = signal.SIGTERM, *, timeout_s: float = 20.0) -> int:
        """End it and every process it started; its exit status. What does not go in time is killed."""
        if self.is_alive():
            self.process.send_signal(how)
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            status = None
        kill_group(self.process.pid)
        return self.process.wait() if status is None else status


def kill_group(group: int) -> None:
    """Kill what is left of a process group."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: str | None = None,
) -> Running:
    """Start a command in a process group of its own, as `user` when given (only root may)."""
    identity: dict[str, Any] = {"user": user, "group": user, "extra_groups": []} if user else {}
    with log.open("ab") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            cwd=cwd,
            start_new_session=True,
            **identity,
        )
    return Running(process, log)


def wait_until(
    probe: Callable[[], T | None], *, what: str, timeout_s: float = 30.0, running: Running | None = None
) -> T:
    """Ask `probe` until it gives something true and return that; a dead process or the time limit is an error."""
    limit = time.monotonic() + timeout_s
    while True:
        found = probe()
        if found:
            return found
        if running is not None and not running.is_alive():
            raise AssertionError(
                f"{what}: the process ended with {running.process.returncode}\n{running.output()[-4000:]}"
            )
        if time.monotonic() > limit:
            log = running.output()[-4000:] if running else ""
            raise AssertionError(f"{what}: not within {timeout_s:.0f} s\n{log}")
        time.sleep(POLL_S)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts_connections(port: int) -> bool:
    """Whether something listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0
