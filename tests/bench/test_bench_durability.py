"""The durability bench in short: the product loses nothing, a bug shows, and the judge knows the cases."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.bench.durability.module_bugs import MODULE_BUGS, modules_with
from tests.bench.durability.server import sqlite_site
from tests.bench.durability.sessions import Load, play
from tests.bench.durability.verdict import Row, judge
from tests.conftest import needed

SESSIONS = 100


@pytest.mark.slow
def test_sessions_with_everything_failing_lose_double_and_hold_up_nothing() -> None:
    found = shutil.which("node")
    node = str(needed(Path(found) if found else None, "node"))
    bug = MODULE_BUGS["takes any reply for a receipt"]
    with sqlite_site() as server:
        verdict = play(server, Load(SESSIONS, kills=1, limit_s=60), node=node)
        with modules_with(bug) as modules:
            seeded = play(server, Load(24, limit_s=20), node=node, modules=modules)
    assert verdict.faults == {"lost": [], "early": [], "doubled": [], "stuck": []}
    assert verdict.acknowledged > SESSIONS
    assert seeded.lost


@pytest.mark.parametrize("bug", MODULE_BUGS.values(), ids=list(MODULE_BUGS))
def test_the_seeded_bugs_still_fit_the_modules(bug: Any) -> None:
    with modules_with(bug) as modules:
        assert bug.buggy in (modules / bug.file).read_text()


def report(**changes: Any) -> dict[str, Any]:
    """One session in which one answer was handed in and acknowledged."""
    answer = {"client_uuid": "u1", "trial": "t", "step": "keep.A", "revision": 1, "value": "yes", "kept": True}
    given = {"number": 0, "faults": [], "handed": [answer], "acknowledged": ["u1"], "unreceipted": [], "left": 0}
    return {**given, "stranger": True, "stuck": None, **changes}


STORED = Row("u1", "t", "keep.A", 1, "yes")


def test_an_answer_as_given_is_no_fault() -> None:
    assert not any(judge([report()], [STORED]).faults.values())


@pytest.mark.parametrize("rows", [[], [Row("u1", "t", "keep.A", 1, "no")]])
def test_an_acknowledged_answer_that_is_missing_or_changed_is_lost(rows: list[Row]) -> None:
    assert judge([report()], rows).lost


def test_an_answer_that_was_kept_and_never_arrived_is_lost() -> None:
    assert judge([report(acknowledged=[])], []).lost


def test_a_row_that_nobody_handed_in_is_a_double() -> None:
    assert judge([report()], [STORED, Row("u2", "t", "keep.A", 2, "yes")]).doubled


@pytest.mark.parametrize("change", [{"stuck": "no end"}, {"left": 1}, {"stranger": False}])
def test_what_does_not_end_is_stuck(change: dict[str, Any]) -> None:
    assert judge([report(**change)], [STORED]).stuck
