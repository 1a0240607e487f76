"""Blinding: does anything that a browser receives tell which system stands in slot A? And are planted leaks seen?"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.bench.blinding_classifier import Verdict, judge
from tests.bench.blinding_sessions import Seen
from tests.bench.metric import Goal, Metric
from tests.servers.mixtrial import process_environment

LEAK_NAMES = ("a header", "padding", "order", "timing", "an id that sorts")
GOAL_TRIALS, LEAK_TRIALS = 20_000, 1_000
"""Half of them train, half test."""
FURTHEST, CLEARLY = 0.02, 0.6
"""How far from 0.5 the area under the curve may be, and from where on a leak counts as caught."""
SEED = 5


def run(trials: int = GOAL_TRIALS, leak_trials: int = LEAK_TRIALS) -> list[Metric]:
    """All metrics of this bench: the product as it is, by both detectors, and every planted leak."""
    clean = judge(played(trials))
    why = "" if trials >= GOAL_TRIALS else f"{trials:,} trials; the goal speaks of {GOAL_TRIALS:,}"
    areas = {"ridge regression": clean.regression, "most telling column": clean.best_column}
    metrics = [_far_from_half(name, area, clean, trials, why) for name, area in areas.items()]
    return [*metrics, *(_caught(leak, judge(played(leak_trials, leak)), leak_trials) for leak in LEAK_NAMES)]


def _far_from_half(name: str, area: float, verdict: Verdict, trials: int, why: str) -> Metric:
    what = f"{name}: AUC {area:.4f} (SE {verdict.standard_error:.4f}) on {trials // 2:,} of {trials:,} trials"
    goal = Goal("ours", "at_most", FURTHEST)
    return Metric("blinding", what, "|AUC - 0.5|", round(abs(area - 0.5), 4), goal=goal, settles=not why, why=why)


def _caught(leak: str, verdict: Verdict, trials: int) -> Metric:
    what = f"planted: {leak}, {trials:,} trials; told by {verdict.telling!r}"
    return Metric("blinding", what, "AUC", round(verdict.area, 4), goal=Goal("ours", "at_least", CLEARLY))


def played(trials: int, leak: str = "") -> Seen:
    """Trials played by a process of its own, on a database of its own."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.blinding_sessions", str(trials), str(SEED), leak, folder]
        subprocess.run(command, check=True, env=process_environment(data=Path(folder)), stdout=subprocess.DEVNULL)
        with np.load(Path(folder) / "seen.npz") as stored:
            return Seen(stored["rows"], list(stored["names"]), stored["labels"])
