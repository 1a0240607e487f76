"""The trial bench in short: every line is whole, and what no clock decides holds."""

from __future__ import annotations

import json

import pytest

from tests.bench.bench_trial import run
from tests.bench.test_harness import KEYS
from tests.conftest import needed
from tests.servers.find import find_chromium

pytestmark = pytest.mark.browser

TIMED = {"s", "ms"}


def test_every_line_is_whole_and_all_that_is_not_timed_holds() -> None:
    needed(find_chromium(), "Chromium")
    lines = [json.loads(metric.as_json()) for metric in run(switches=6, openings=1, plays=1)]
    assert all(list(row)[: len(KEYS)] == KEYS and row["ours"] is not None for row in lines)
    counted = {row["metric"]: row["holds"] for row in lines if row["unit"] not in TIMED}
    assert len(counted) == 7
    assert all(counted.values()), counted
