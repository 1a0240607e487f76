"""python -m tests.bench.coverage_table: measure coverage again and write its tables into docs/statistics.md."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.bench.coverage_cells import RUNS, Coverage, further_cells, grid, measure_cell
from tests.bench.heavy_raters import HeavyCoverage, heavy_cells, measure_heavy
from tests.bench.sequential_rates import NAIVE, VALID, RejectRate, measure_scenario, scenarios

PAGE = Path(__file__).resolve().parents[2] / "docs" / "statistics.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def measured_text(
    coverage: Iterable[Coverage],
    beside: Iterable[Coverage],
    heavy: Iterable[HeavyCoverage],
    rates: Sequence[RejectRate],
) -> str:
    """The tables as Markdown."""
    runs = rates[0].runs
    lines = [f"{runs:,} simulated studies a cell; the standard error of a coverage near .95 is {_error(runs)}.", ""]
    lines += _grid_lines(coverage)
    lines += ["", "Beside the grid (10 trials each, no ties, no pull of a side, unless said otherwise):", ""]
    lines += _beside_lines(beside)
    lines += ["", "Heavy raters: three people judge every track, all others three tracks:", ""]
    lines += _heavy_lines(heavy)
    lines += ["", "How often a rule rejects one half at any look, and the median number of participants then:", ""]
    lines += _rate_lines(rates)
    return "\n".join(lines)


def replaced(page: str, tables: str) -> str:
    """The page with these tables between its marks. Raises ValueError for a page without them."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def _grid_lines(results: Iterable[Coverage]) -> Iterator[str]:
    """Lowest and highest over trials each, ties and sides."""
    yield "| people x tracks | SD of people / tracks | two-way (ours) | people only | single answers | half width |"
    yield "|---|---|---|---|---|---|"
    for (people, tracks, person_sd, track_sd), group in groupby(results, key=_size_and_sds):
        cells = list(group)
        shares = [
            _range([getattr(cell, name) for cell in cells])
            for name in ("two_way", "participants_only", "answers_only", "half_width")
        ]
        yield f"| {people} x {tracks} | {person_sd:g} / {track_sd:g} | " + " | ".join(shares) + " |"


def _size_and_sds(result: Coverage) -> tuple[int, int, float, float]:
    cell = result.cell
    return cell.participants, cell.tracks, cell.participant_sd, cell.track_sd


def _beside_lines(results: Iterable[Coverage]) -> Iterator[str]:
    yield "| kind of study | ours | people only | single answers | half width |"
    yield "|---|---|---|---|---|"
    for each in results:
        figures = (each.two_way, each.participants_only, each.answers_only, each.half_width)
        yield f"| {each.cell.name} | " + " | ".join(_figure(figure) for figure in figures) + " |"


def _heavy_lines(results: Iterable[HeavyCoverage]) -> Iterator[str]:
    yield "| people x tracks | SD | two-way (ours) | jackknife | jackknife, effective people | everybody alike |"
    yield "|---|---|---|---|---|---|"
    for each in results:
        cell = each.cell
        figures = (each.two_way, each.jackknife, each.jackknife_effective, each.weighted)
        kind = f"{cell.participants} x {cell.tracks} | {cell.participant_sd:g} / {cell.track_sd:g}"
        yield f"| {kind} | " + " | ".join(_figure(figure) for figure in figures) + " |"


def _rate_lines(rates: Sequence[RejectRate]) -> Iterator[str]:
    found = {(rate.rule, rate.scenario): rate for rate in rates}
    columns = list(dict.fromkeys(rate.scenario for rate in rates))
    titles = [f"{each.kind}, SD {each.participant_sd:g}/{each.track_sd:g}" for each in columns]
    yield f"| rule | {' | '.join(titles)} |"
    yield f"|---|{'---|' * len(titles)}"
    for rule in (*VALID, *NAIVE):
        cells = [_rate(found[rule, scenario]) for scenario in columns]
        yield f"| {rule} | {' | '.join(cells)} |"


def _rate(rate: RejectRate) -> str:
    stop = f" ({rate.median_stop:.0f})" if rate.scenario.kind == "effect" and rate.median_stop is not None else ""
    return f"{_figure(rate.ever)}{stop}"


def _range(values: Sequence[float]) -> str:
    return f"{_figure(min(values))} to {_figure(max(values))}"


def _figure(value: float) -> str:
    return f"{value:.3f}".replace("0.", ".", 1)


def _error(runs: int) -> str:
    return _figure((0.95 * 0.05 / runs) ** 0.5)


def main(runs: int = RUNS) -> int:
    """Measure everything and write the page."""
    coverage = [_said(measure_cell(cell, runs=runs)) for cell in grid()]
    beside = [_said(measure_cell(cell, runs=runs)) for cell in further_cells()]
    heavy = [measure_heavy(cell, runs=runs) for cell in heavy_cells()]
    rates = [rate for scenario in scenarios() for rate in measure_scenario(scenario, runs=runs)]
    PAGE.write_text(
        replaced(PAGE.read_text(encoding="utf-8"), measured_text(coverage, beside, heavy, rates)), encoding="utf-8"
    )
    return 0


def _said(result: Coverage) -> Coverage:
    print(f"{result.cell.name}: {result.two_way:.3f}", file=sys.stderr, flush=True)
    return result


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
