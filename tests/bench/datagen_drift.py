"""Whether windows get slower, or memory grows, while very many are read one after another."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from tests.bench.datagen_songs import BENCH, Sizes, Songs
from tests.bench.datagen_windows import MixWindow, random_starts, window_ways
from tests.bench.metric import Goal, Metric

GOAL_WINDOWS = 100_000
CONTROL_EVERY = 5
"""After so many windows, the memory traffic of the last one is timed too: it shows how the machine itself drifts."""


def measure_drift(songs: Songs, sizes: Sizes) -> list[Metric]:
    """Median seconds of the last tenth of all windows over those of the first, and the memory gained in between."""
    window_times, control_times, memory_mb = _run_windows(songs, sizes)
    tenth = max(sizes.windows // 10, 1)
    enough = sizes.windows >= GOAL_WINDOWS
    too_few = "" if enough else f"{sizes.windows:,} windows of {GOAL_WINDOWS:,}: ./dev bench datagen --long runs all"
    what = f"{sizes.windows:,} random {sizes.window_s} s windows, the last tenth"
    return [
        Metric(
            BENCH,
            f"{what} against the first, beside a copy of the same samples",
            "times as long",
            _last_over_first(window_times, tenth),
            limit=_last_over_first(control_times, max(tenth // CONTROL_EVERY, 1)),
            goal=Goal("ratio_to_limit", "at_most", 1.1),
            settles=enough,
            why=too_few,
        ),
        Metric(
            BENCH,
            f"{what}: memory that is no file's, gained since the first",
            "MB",
            memory_mb,
            why="no goal is set" if memory_mb is not None else "this system does not say it",
        ),
    ]


def _run_windows(songs: Songs, sizes: Sizes) -> tuple[list[float], list[float], float | None]:
    """(Seconds of every window, seconds of every control, MB gained after the first tenth)."""
    ways, starts = window_ways(songs, sizes, None), random_starts(songs, sizes)
    _timed(ways["store"], next(starts))
    window_times, control_times = [], []
    memory_before = None
    for number in range(sizes.windows):
        if number == max(sizes.windows // 10, 1):
            memory_before = _anonymous_mb()
        start = next(starts)
        window_times.append(_timed(ways["store"], start))
        if number % CONTROL_EVERY == 0:
            control_times.append(_timed(ways["store traffic"], start))
    memory_after = _anonymous_mb()
    gained = None if memory_before is None or memory_after is None else memory_after - memory_before
    return window_times, control_times, gained


def _timed(mix: MixWindow, start: int) -> float:
    started = time.perf_counter()
    mix(start)
    return time.perf_counter() - started


def _last_over_first(seconds: list[float], tenth: int) -> float:
    return statistics.median(seconds[-tenth:]) / statistics.median(seconds[:tenth])


def _anonymous_mb() -> float | None:
    """Resident memory of this process without mapped files, whose pages belong to the cache; None where unknown."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    fields = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines() if ":" in line)
    return int(fields["RssAnon"].split()[0]) / 1000 if "RssAnon" in fields else None
