"""No acknowledged answer is lost: scripted sessions of the page's own outbox against a real server, everything failing.

Under Node: the network cut at every request in turn before and after the reply, doubled, late, cut short, replaced by
other pages, ten minutes away; pages reloaded at every step; full disks, second tabs, other devices; the server killed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from tests.bench.durability.chromium import SESSIONS as CHROMIUM_SESSIONS
from tests.bench.durability.chromium import play_in_chromium
from tests.bench.durability.module_bugs import MODULE_BUGS, modules_with
from tests.bench.durability.server import Server, postgres_site, sqlite_site
from tests.bench.durability.server_bugs import SHOWS_AS
from tests.bench.durability.sessions import Load, play
from tests.bench.durability.verdict import Verdict
from tests.bench.metric import Goal, Metric
from tests.servers.find import find_chromium, find_postgres

BENCH = "durability"
GOAL_SESSIONS, POSTGRES_SESSIONS, BUG_SESSIONS = 1_000, 100, 60
KILLS, POSTGRES_KILLS = 10, 3
BUG_LIMIT_S = 10.0
WORDS = {
    "lost": "acknowledged answers lost",
    "early": "answers called saved before a receipt came",
    "doubled": "answers doubled or broken in the chain",
    "stuck": "sessions or answers stuck",
}


def run(
    *,
    sessions: int = GOAL_SESSIONS,
    postgres_sessions: int = POSTGRES_SESSIONS,
    bug_sessions: int = BUG_SESSIONS,
    chromium_sessions: int = CHROMIUM_SESSIONS,
) -> list[Metric]:
    """All metrics of this bench. Without Node nothing is measured."""
    node = shutil.which("node")
    if node is None:
        return [Metric(BENCH, "(all)", "", None, why="node is not installed (./dev test --yes installs it)")]
    with sqlite_site() as server:
        load = Load(sessions, kills=max(1, KILLS * sessions // GOAL_SESSIONS))
        metrics = list(_counts("SQLite", play(server, load, node=node), load, GOAL_SESSIONS))
        metrics += _bugs(server, bug_sessions, node)
        metrics += _in_chromium(server, chromium_sessions)
    return [*metrics, *_on_postgres(postgres_sessions, node)]


def _in_chromium(server: Server, sessions: int) -> Iterator[Metric]:
    if find_chromium() is None:
        yield Metric(BENCH, "the same in Chromium", "", None, why="Chromium is not installed")
        return
    load = Load(sessions)
    yield from _counts("SQLite, in Chromium", play_in_chromium(server, sessions), load, CHROMIUM_SESSIONS)


def _on_postgres(sessions: int, node: str) -> Iterator[Metric]:
    binaries = find_postgres()
    if binaries is None:
        yield Metric(BENCH, "the same on PostgreSQL", "", None, why="PostgreSQL is not installed")
        return
    load = Load(sessions, kills=POSTGRES_KILLS)
    with postgres_site(binaries) as server:
        yield from _counts("PostgreSQL", play(server, load, node=node), load, POSTGRES_SESSIONS)


def _counts(database: str, verdict: Verdict, load: Load, goal_sessions: int) -> Iterator[Metric]:
    over = f"{verdict.sessions:,} sessions on {database}, {verdict.acknowledged:,} acknowledged answers"
    over += f", server killed {load.kills} times"
    why = "" if load.sessions >= goal_sessions else f"{load.sessions} sessions; the goal speaks of {goal_sessions:,}"
    for name, cases in verdict.faults.items():
        what = f"{WORDS[name]}; {over}" + "".join(f"\n    {case}" for case in cases[:5])
        yield Metric(BENCH, what, "count", len(cases), goal=Goal("ours", "at_most", 0), settles=not why, why=why)


def _bugs(server: Server, sessions: int, node: str) -> Iterator[Metric]:
    """Every seeded bug has to show, the way it should."""
    load = Load(sessions, limit_s=BUG_LIMIT_S)
    for name, bug in MODULE_BUGS.items():
        with modules_with(bug) as modules:
            yield _caught(name, bug.shows_as, play(server, load, node=node, modules=modules))
    for name, shows_as in SHOWS_AS.items():
        with server.bug(name):
            yield _caught(f"server {name.replace('_', ' ')}", shows_as, play(server, load, node=node))


def _caught(name: str, shows_as: str, verdict: Verdict) -> Metric:
    found = len(verdict.faults[shows_as])
    return Metric(BENCH, f"seeded: {name}; {shows_as}", "count", found, goal=Goal("ours", "at_least", 1))
