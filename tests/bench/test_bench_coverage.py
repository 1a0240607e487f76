"""The short version of the coverage bench: 200 runs of a few cells, within three standard errors of the promise."""

from __future__ import annotations

import json
import re

import pytest

from tests.bench.bench_coverage import HIGHEST, LOWEST, run
from tests.bench.coverage_cells import Cell, measure_cell
from tests.bench.coverage_table import BEGIN, END, PAGE, replaced
from tests.bench.sequential_rates import ALPHA, VALID, Scenario, measure_scenario
from tests.bench.test_harness import KEYS

RUNS = 200
CELLS = (
    Cell(12, 12, 0.0, 0.0, "10", 0.0, 0.5),
    Cell(12, 12, 0.8, 0.3, "2-20", 0.3, 0.0),
    Cell(24, 24, 0.5, 0.5, "10", 0.3, 0.5),
    Cell(40, 20, 0.5, 0.5, "10", 0.0, 0.0),
    Cell(40, 20, 0.8, 0.3, "10", 0.0, 0.0, rate=0.7),
    Cell(40, 40, 0.8, 0.3, "2-20", 0.0, 0.5),
    Cell(24, 24, 0.5, 0.5, "10", 0.0, 0.5, estimand="new_participants"),
)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_the_primary_interval_covers_as_often_as_it_says(cell: Cell) -> None:
    result = measure_cell(cell, runs=RUNS)
    tolerance = 3 * result.standard_error
    assert LOWEST - tolerance <= result.two_way <= HIGHEST + tolerance


def test_an_interval_on_single_answers_does_not() -> None:
    result = measure_cell(Cell(40, 20, 0.8, 0.3, "10", 0.0, 0.0), runs=RUNS)
    assert result.answers_only < 0.95 - 3 * result.standard_error


@pytest.mark.parametrize("sds", [(0.0, 0.0), (0.8, 0.3)])
def test_looking_early_keeps_the_error_it_promises_for_these_tracks(sds: tuple[float, float]) -> None:
    for rate in measure_scenario(Scenario("these tracks", *sds), runs=RUNS):
        if rate.rule in VALID:
            assert rate.ever <= ALPHA + 3 * rate.standard_error, rate.rule


def test_looking_early_does_not_keep_it_for_other_tracks() -> None:
    rates = measure_scenario(Scenario("other tracks", 0.5, 0.5), runs=RUNS)
    assert all(rate.ever > ALPHA + rate.standard_error for rate in rates)


def test_the_documented_figure_of_a_cell_is_the_measured_one() -> None:
    cell = Cell(12, 12, 0.8, 0.3, "10", 0.0, 0.0, rate=0.7)
    result = measure_cell(cell)
    shown = re.search(
        rf"\| {re.escape(cell.name)} \| (\.\d+) \| (\.\d+) \| (\.\d+) \|", PAGE.read_text(encoding="utf-8")
    )
    assert shown is not None
    measured = (result.two_way, result.participants_only, result.answers_only)
    assert [float(figure) for figure in shown.groups()] == pytest.approx(measured, abs=0.0015)


def test_tables_replace_only_what_stands_between_the_marks() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert replaced(page, "new") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="has no"):
        replaced("no marks", "new")


def test_every_line_of_the_bench_is_whole_and_few_runs_decide_nothing() -> None:
    looks = [Scenario("these tracks", 0.5, 0.5)]
    lines = [json.loads(metric.as_json()) for metric in run(20, cells=CELLS[:2], further=CELLS[4:5], looks=looks)]
    assert [list(row) for row in lines] == [[*KEYS, "why"]] * len(lines)
    assert {row["why"] for row in lines if row["goal"]} == {"20 runs; the goal speaks of 2,000"}
