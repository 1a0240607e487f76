"""./dev bench [name ...] [--json] [--long]: run benches and print what they measured. Exit 0 whenever it ran."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.metric import Metric

FOLDER = Path(__file__).parent
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Figures are for one core: numpy's matrix products take one thread, unless the caller asks for more."""
COLUMNS = ("metric", "unit", "ours", "peer", "limit", "/ peer", "/ limit", "goal", "holds")


def bench_names() -> list[str]:
    """The benches that exist: bench_<name>.py beside this file."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def run_bench(name: str, *, long: bool = False) -> list[Metric]:
    """What one bench measured, at full length where asked; a bench that breaks is one metric that says why."""
    try:
        bench = importlib.import_module(f"tests.bench.bench_{name}")
        run: Callable[[], list[Metric]] = getattr(bench, "run_long", bench.run) if long else bench.run
        return run()
    except Exception as error:
        traceback.print_exc()
        return [Metric(name, "(all)", "", None, why=f"the bench broke: {type(error).__name__}: {error}")]


def table(metrics: Sequence[Metric]) -> str:
    """Metrics as aligned text, medians with the best run in brackets, and a line for each that was not measured."""
    rows = [COLUMNS, *(_cells(metric) for metric in metrics)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    reasons = [f"  {metric.metric}: {metric.why}" for metric in metrics if metric.why and metric.holds is None]
    return "\n".join([*lines, *reasons])


def _cells(metric: Metric) -> tuple[str, ...]:
    peer = f"{_figure(metric.peer, metric.peer_best)} {metric.peer_name}" if metric.peer_name else "-"
    holds = {True: "yes", False: "NO", None: "-"}[metric.holds]
    ratios = (_figure(metric.ratio_to_peer, metric.best_ratio_to_peer), _figure(metric.ratio_to_limit))
    goal = str(metric.goal) if metric.goal else "-"
    ours = _figure(metric.ours, metric.ours_best)
    return (metric.metric, metric.unit, ours, peer, _figure(metric.limit), *ratios, goal, holds)


def _figure(value: float | None, best: float | None = None) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if best is None else f"{value:.4g} ({best:.4g})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benches, or all of them."""
    known = bench_names()
    parser = argparse.ArgumentParser(prog="./dev bench", description=f"Benches: {', '.join(known)}")
    parser.add_argument("names", nargs="*", metavar="name", help="all of them when none is named")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--long", action="store_true", help="full length where a goal asks for more than minutes")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"no bench named {', '.join(unknown)}; there are: {', '.join(known)}")
    for name in options.names or known:
        started = time.monotonic()
        metrics = run_bench(name, long=options.long)
        if options.json:
            for metric in metrics:
                print(metric.as_json(), flush=True)
        else:
            print(f"\n{name}  ({time.monotonic() - started:.0f} s, {platform.machine()})\n{table(metrics)}", flush=True)
    return 0


if __name__ == "__main__":
    for variable in ONE_THREAD:
        os.environ.setdefault(variable, "1")
    sys.exit(main())
