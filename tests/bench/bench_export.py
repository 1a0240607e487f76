"""Exports: an archive of a million answers, in seconds and in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

from tests.bench.metric import Goal, Metric

GOAL_ANSWERS, GOAL_S = 1_000_000, 10.0
SMALLER = 10
"""Memory is compared with an export of a tenth of the answers."""
MOST_GROWTH = 1.3


def run(answers: int = GOAL_ANSWERS) -> list[Metric]:
    """All metrics of this bench."""
    large, small = _measured(answers), _measured(answers // SMALLER)
    why = "" if answers >= GOAL_ANSWERS else f"{answers:,} answers; the goal speaks of {GOAL_ANSWERS:,}"
    size = f"{large['project']['answers']:,} answers"
    metrics = [
        Metric(
            "export",
            f"{profile} archive with Parquet and training rows, {size}",
            "s",
            large[profile]["seconds"],
            limit=large["read_only_s"],
            goal=Goal("ours", "at_most", GOAL_S),
            settles=not why,
            why=why,
        )
        for profile in ("project", "public")
    ]
    growth = large["public"]["peak_mb"] / small["public"]["peak_mb"]
    goal = Goal("ours", "at_most", MOST_GROWTH)
    what = f"most memory, over that of a {SMALLER}th of the answers"
    return [*metrics, Metric("export", what, "ratio", growth, goal=goal, settles=not why, why=why)]


def _measured(answers: int) -> dict[str, Any]:
    """What a process of its own measured."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.export_speed", str(answers), folder]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MIXTRIAL_")}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
