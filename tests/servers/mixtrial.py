"""MixTrial itself as a user runs it: manage.py, the web server and workers as processes on a data folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.process import Running, start, wait_until

ROOT = Path(__file__).resolve().parents[2]
LISTENING = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")


def process_environment(
    *, data: Path, database_url: str = "", redis_url: str = "", extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment of a process of ours: this one's without our own variables, plus those given."""
    ours = ("MIXTRIAL_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "MIXTRIAL_DATA": str(data)}
    server = {"MIXTRIAL_SECRET_KEY": "only-for-tests", "MIXTRIAL_HOSTS": "127.0.0.1"} if database_url else {}
    return {**kept, **given, **server, "PYTHONUNBUFFERED": "1", **(extra or {})}


def run_manage(
    arguments: Sequence[str], *, environment: Mapping[str, str], timeout_s: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run manage.py in a process of its own; its output and exit status, whatever it is."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@dataclass
class LiveMixtrial:
    """A web server that listens, and what else was started beside it on the same data."""

    data: Path
    environment: dict[str, str]
    url: str = ""
    processes: list[Running] = field(default_factory=list)

    def manage(self, *arguments: str, timeout_s: float = 120.0) -> str:
        """Run manage.py on this server's data; its standard output. A failure is an error with all it printed."""
        done = run_manage(arguments, environment=self.environment, timeout_s=timeout_s)
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *arguments: str) -> Running:
        """Start Python with these arguments (`-m`, `inference.worker`, ...) beside the server."""
        log = self.data / f"process-{len(self.processes)}.log"
        running = start([sys.executable, *arguments], log=log, environment=self.environment, cwd=ROOT)
        self.processes.append(running)
        return running

    def serve(self) -> None:
        """Start the web server and wait until it listens."""
        options = ("--bind", "127.0.0.1:0", "-k", "gthread", "--threads", "8", "--no-control-socket")
        running = self.start("-m", "gunicorn", "studyweb.wsgi", *options)
        found = wait_until(lambda: LISTENING.search(running.output()), what="gunicorn listens", running=running)
        self.url = found.group(1)

    def stop(self) -> None:
        """End everything it started, the last one first."""
        while self.processes:
            self.processes.pop().stop()
