"""The demo's child processes: the web server and the local job runner. What it starts, it stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

STOP_GRACE_S = 8.0
READY_WITHIN_S = 30.0


class ProcessError(Exception):
    """A child process could not be started or has stopped; the text says what to do."""


def refuse_port_in_use(port: int) -> None:
    """Raise ProcessError when nothing can listen on 127.0.0.1:port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ProcessError(
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}); choose another with --port"
            ) from error


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def job_runner() -> Iterator[subprocess.Popen[bytes]]:
    """The local runner that works off job rows, until the block ends."""
    with _child("runner", [sys.executable, "-m", "inference.worker", "--local"]) as process:
        yield process


@contextmanager
def web_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """gunicorn on 127.0.0.1:port, ready when the block starts, until the block ends."""
    command = [
        *(sys.executable, "-m", "gunicorn", "studyweb.wsgi:application", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--timeout", "60", "--no-control-socket"),
        *("--log-level", "warning", "--graceful-timeout", "5"),
    ]
    with _child("web", command) as process:
        _wait_until_ready(f"http://127.0.0.1:{port}/readyz", process)
        yield process


@contextmanager
def _child(name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    log = log_path(name)
    log.parent.mkdir(parents=True, exist_ok=True)
    # A session of its own: Ctrl-C reaches the demo alone, which then stops its children in order.
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=settings.BASE_DIR, env=os.environ.copy(), start_new_session=True
        )
    try:
        yield process
    finally:
        _stop(process)


def log_path(name: str) -> Path:
    """Where a child process writes its log."""
    return Path(settings.DATA_DIR) / "logs" / f"{name}.log"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ProcessError(f"the web server stopped; its log is {log_path('web')}")
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own address on the loopback
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise ProcessError(f"the web server did not answer within {READY_WITHIN_S:.0f} s; its log is {log_path('web')}")
