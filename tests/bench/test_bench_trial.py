"""The trial bench in short: every line is whole, and what no clock decides holds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.bench.test_harness import KEYS
from tests.conftest import needed
from tests.servers.find import find_chromium
from tests.servers.mixtrial import ROOT

pytestmark = pytest.mark.browser

TIMED = {"s", "ms"}
SHORT = """
from tests.bench.bench_trial import run
for metric in run(switches=6, openings=1, plays=1):
    print(metric.as_json())
"""


def test_every_line_is_whole_and_all_that_is_not_timed_holds() -> None:
    needed(find_chromium(), "Chromium")
    # A process of its own: the browser of other tests keeps an event loop running in this one.
    done = subprocess.run([sys.executable, "-c", SHORT], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(list(row)[: len(KEYS)] == KEYS and row["ours"] is not None for row in lines)
    counted = {row["metric"]: row["holds"] for row in lines if row["unit"] not in TIMED}
    assert len(counted) == 7
    assert all(counted.values()), counted
