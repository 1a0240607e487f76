"""./dev bench [name ...] [--json]: run benches and print what they measured. Exit 0 whenever it ran."""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.metric import Metric

FOLDER = Path(__file__).parent
COLUMNS = ("metric", "unit", "ours", "peer", "limit", "/ peer", "/ limit", "goal", "holds")


def bench_names() -> list[str]:
    """The benches that exist: bench_<name>.py beside this file."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def run_bench(name: str) -> list[Metric]:
    """What one bench measured; a bench that breaks is one metric that says why."""
    try:
        run: Callable[[], list[Metric]] = importlib.import_module(f"tests.bench.bench_{name}").run
        return run()
    except Exception as error:
        traceback.print_exc()
        return [Metric(name, "(all)", "", None, why=f"the bench broke: {type(error).__name__}: {error}")]


def table(metrics: Sequence[Metric]) -> str:
    """Metrics as aligned text, with a line below for each that could not be measured."""
    rows = [COLUMNS, *(_cells(metric) for metric in metrics)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *(f"  {metric.metric}: {metric.why}" for metric in metrics if metric.why)])


def _cells(metric: Metric) -> tuple[str, ...]:
    peer = f"{_figure(metric.peer)} {metric.peer_name}" if metric.peer_name else "-"
    holds = {True: "yes", False: "NO", None: "-"}[metric.holds]
    ratios = (_figure(metric.ratio_to_peer), _figure(metric.ratio_to_limit))
    goal = str(metric.goal) if metric.goal else "-"
    return (metric.metric, metric.unit, _figure(metric.ours), peer, _figure(metric.limit), *ratios, goal, holds)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benches, or all of them."""
    known = bench_names()
    parser = argparse.ArgumentParser(prog="./dev bench", description=f"Benches: {', '.join(known)}")
    parser.add_argument("names", nargs="*", metavar="name", help="all of them when none is named")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(known))
    if unknown:
        parser.error(f"no bench named {', '.join(unknown)}; there are: {', '.join(known)}")
    for name in options.names or known:
        started = time.monotonic()
        metrics = run_bench(name)
        if options.json:
            for metric in metrics:
                print(metric.as_json(), flush=True)
        else:
            print(f"\n{name}  ({time.monotonic() - started:.0f} s, {platform.machine()})\n{table(metrics)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
