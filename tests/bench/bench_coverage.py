"""Coverage of the primary interval, and how often each way of looking early rejects a true null."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.bench.coverage_cells import RUNS, Cell, Coverage, further_cells, grid, measure_cell
from tests.bench.heavy_raters import HeavyCoverage, heavy_cells, measure_heavy
from tests.bench.metric import Goal, Metric
from tests.bench.sequential_rates import ALPHA, VALID, RejectRate, Scenario, measure_scenario, scenarios

LOWEST, HIGHEST = 0.93, 0.985
"""What the coverage of an honest 95 % interval may be, before two standard errors of the simulation."""


def run(
    runs: int = RUNS,
    *,
    cells: Iterable[Cell] | None = None,
    further: Iterable[Cell] | None = None,
    heavy: Iterable[Cell] | None = None,
    looks: Iterable[Scenario] | None = None,
) -> list[Metric]:
    """All metrics of this bench: every cell of the grid, the cells beside it, every rule of looking."""
    why = "" if runs >= RUNS else f"{runs:,} runs; the goal speaks of {RUNS:,}"
    goals = [measure_cell(cell, runs=runs) for cell in (grid() if cells is None else cells)]
    beside = [measure_cell(cell, runs=runs) for cell in (further_cells() if further is None else further)]
    few_people = [measure_heavy(cell, runs=runs) for cell in (heavy_cells() if heavy is None else heavy)]
    watched = scenarios() if looks is None else looks
    rates = [rate for scenario in watched for rate in measure_scenario(scenario, runs=runs)]
    heavy_metrics = [metric for result in few_people for metric in _heavy(result)]
    return [*_extremes(goals, why), *map(_beside, beside), *heavy_metrics, *_rates(rates, why)]


def _extremes(results: list[Coverage], why: str) -> Iterator[Metric]:
    for result in results:
        goal = Goal("ours", "at_least", round(LOWEST - 2 * result.standard_error, 4))
        yield _coverage(result, goal, why)
    highest = max(results, key=lambda result: result.two_way)
    goal = Goal("ours", "at_most", round(HIGHEST + 2 * highest.standard_error, 4))
    yield Metric(
        "coverage",
        f"highest of {len(results)} cells: {highest.cell.name}",
        "share",
        highest.two_way,
        goal=goal,
        settles=not why,
        why=why,
    )


def _beside(result: Coverage) -> Metric:
    return _coverage(result, None, "")


def _heavy(result: HeavyCoverage) -> Iterator[Metric]:
    """Reported without a goal: the primary interval, and what can stand beside it."""
    others = {
        "two-way": result.two_way,
        "jackknife": result.jackknife,
        "jackknife, effective people": result.jackknife_effective,
        "everybody alike": result.weighted,
    }
    for name, coverage in others.items():
        yield Metric("coverage", f"{result.cell.name}: {name}", "share", coverage)


def _coverage(result: Coverage, goal: Goal | None, why: str) -> Metric:
    """The peer is what arenas do: an interval on single answers."""
    return Metric(
        "coverage",
        result.cell.name,
        "share",
        result.two_way,
        peer=result.answers_only,
        peer_name="Wilson on answers",
        goal=goal,
        settles=not why,
        why=why,
    )


def _rates(rates: list[RejectRate], why: str) -> Iterator[Metric]:
    for rate in rates:
        scenario = rate.scenario
        is_promise = scenario.kind == "these tracks" and rate.rule in VALID
        goal = Goal("ours", "at_most", round(ALPHA + 2 * rate.standard_error, 4)) if is_promise else None
        yield Metric(
            "coverage",
            f"ever rejects: {rate.rule}, {scenario.kind}, SD {scenario.participant_sd:g}/{scenario.track_sd:g}",
            "share",
            rate.ever,
            goal=goal,
            settles=not why,
            why=why,
        )
