"""Timing that can be compared: the candidates take turns, so that a slow second of the machine hits all of them."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LONG_RUN_S = 60.0
"""A candidate that takes longer than this is repeated LONG_RUN_REPEATS times only."""

LONG_RUN_REPEATS = 3


@dataclass(frozen=True)
class ElsewhereRun:
    """What a candidate returns that ran in another process, which knows its own CPU time."""

    cpu_s: float


@dataclass(frozen=True)
class Timing:
    """Seconds that one candidate took, on the clock and of CPU time (all its threads, and processes it waited for)."""

    median_s: float
    minimum_s: float
    repeats: int
    cpu_median_s: float
    cpu_minimum_s: float

    @property
    def one_core_s(self) -> float:
        """Median seconds if there were one core: no less than either clock says."""
        return max(self.median_s, self.cpu_median_s)

    @property
    def one_core_minimum_s(self) -> float:
        """The least seconds if there were one core."""
        return max(self.minimum_s, self.cpu_minimum_s)


def measure_interleaved(candidates: Mapping[str, Callable[[], Any]], repeats: int = 7) -> dict[str, Timing]:
    """{name: its timing}: each round calls every candidate once, in an order that turns by one each round.

    A first round that is not counted warms caches and imports. Raises ValueError for no candidates or repeats.
    """
    if not candidates or repeats < 1:
        raise ValueError("there must be at least one candidate and one repeat")
    names = list(candidates)
    warm_up = {name: _seconds(candidates[name]) for name in names}
    if max(seconds for seconds, _ in warm_up.values()) > LONG_RUN_S:
        repeats = min(repeats, LONG_RUN_REPEATS)
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for turn in range(repeats):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            runs[name].append(_seconds(candidates[name]))
    return {name: _timing(each) for name, each in runs.items()}


def _timing(runs: list[tuple[float, float]]) -> Timing:
    clock, cpu = zip(*runs, strict=True)
    return Timing(statistics.median(clock), min(clock), len(runs), statistics.median(cpu), min(cpu))


def _seconds(candidate: Callable[[], Any]) -> tuple[float, float]:
    """(Seconds on the clock, seconds of CPU time) of one call."""
    cpu_before, started = cpu_seconds(), time.perf_counter()
    result = candidate()
    clock_s, cpu_s = time.perf_counter() - started, cpu_seconds() - cpu_before
    return clock_s, result.cpu_s if isinstance(result, ElsewhereRun) else cpu_s


def cpu_seconds() -> float:
    """CPU time of this process so far, with that of processes it has waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
