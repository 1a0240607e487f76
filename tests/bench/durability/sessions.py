"""Plays scripted sessions under Node and kills the server while they run."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.bench.durability.server import Server
from tests.bench.durability.verdict import Report, Verdict, judge

MODULES = Path(__file__).resolve().parents[3] / "studyweb" / "static" / "js"
SCRIPT = Path(__file__).with_name("sessions.mjs")
SPEED = 200
"""How much faster than the wall the sessions' clock runs."""
LIMIT_S = 300.0


@dataclass(frozen=True)
class Load:
    """How many sessions, how many at once, how often the server is killed, and when a session counts as stuck."""

    sessions: int
    kills: int = 0
    concurrency: int = 16
    limit_s: float = LIMIT_S


def play(server: Server, load: Load, *, node: str, modules: Path = MODULES) -> Verdict:
    """Play `load` on a new study against the server and judge it by the database."""
    study = server.new_study()
    order = _order(server, load, modules, study)
    reports = _played(server, load, node, order)
    rows, breaks = server.stored(study)
    verdict = judge(reports, rows)
    verdict.doubled += [f"chain: {what}" for what in breaks]
    return verdict


def _played(server: Server, load: Load, node: str, order: dict[str, Any]) -> list[Report]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        running = subprocess.Popen(
            [node, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True
        )
        assert running.stdin is not None
        assert running.stdout is not None
        with running:
            _say(running.stdin, order)
            reports = _gather(running.stdout, running.stdin, server, load)
        complaints.seek(0)
        assert (running.returncode, len(reports)) == (0, load.sessions), complaints.read()
    return reports


def _order(server: Server, load: Load, modules: Path, study: str) -> dict[str, Any]:
    return {
        "url": server.url,
        "study": study,
        "modules": str(modules),
        "sessions": load.sessions,
        "concurrency": load.concurrency,
        "limit_s": load.limit_s,
        "speed": SPEED,
    }


def _gather(reports: IO[str], orders: IO[str], server: Server, load: Load) -> list[Report]:
    """Every session's report; the server dies each time another share of them has ended."""
    found: list[Report] = []
    for line in reports:
        found.append(json.loads(line))
        if len(found) * (load.kills + 1) // load.sessions > (len(found) - 1) * (load.kills + 1) // load.sessions:
            if len(found) == load.sessions:
                break
            server.kill_and_restart()
            _say(orders, {"url": server.url})
    return found


def _say(orders: IO[str], what: dict[str, Any]) -> None:
    orders.write(json.dumps(what) + "\n")
    orders.flush()
