"""Timing that can be compared: the candidates take turns, so that a slow second of the machine hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

LONG_RUN_S = 60.0
"""A candidate that takes longer than this is repeated LONG_RUN_REPEATS times only."""

LONG_RUN_REPEATS = 3


@dataclass(frozen=True)
class Timing:
    """Seconds that one candidate took."""

    median_s: float
    minimum_s: float
    repeats: int


def measure_interleaved(candidates: Mapping[str, Callable[[], Any]], repeats: int = 7) -> dict[str, Timing]:
    """{name: its timing}: each round calls every candidate once, in an order that turns by one each round.

    A first round that is not counted warms caches and imports. Raises ValueError for no candidates or repeats.
    """
    if not candidates or repeats < 1:
        raise ValueError("there must be at least one candidate and one repeat")
    names = list(candidates)
    warm_up = {name: _seconds(candidates[name]) for name in names}
    if max(warm_up.values()) > LONG_RUN_S:
        repeats = min(repeats, LONG_RUN_REPEATS)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repeats):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(_seconds(candidates[name]))
    return {name: Timing(statistics.median(times), min(times), repeats) for name, times in seconds.items()}


def _seconds(candidate: Callable[[], Any]) -> float:
    started = time.perf_counter()
    candidate()
    return time.perf_counter() - started
