"""The durability bench's judge knows the cases, and its seeded bugs still fit the modules. Sessions are played by
`./dev bench durability` alone: in one of two runs of a hundred, one waited without end, and why is not known yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.durability.module_bugs import MODULE_BUGS, modules_with
from tests.bench.durability.verdict import Row, judge


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
