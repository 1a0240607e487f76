"""The short version of the coverage bench: 200 runs of a few cells, within three standard errors of the promise."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from studyweb.stats.answer_model import Meetings
from studyweb.stats.ballots import Ballots
from studyweb.stats.preference import estimate_preference
from tests.bench.bench_coverage import HIGHEST, LOWEST, run
from tests.bench.coverage_cells import Cell, measure_cell
from tests.bench.coverage_table import BEGIN, END, PAGE, replaced
from tests.bench.heavy_raters import jackknife_variances, measure_heavy, weighted_variances
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


def test_with_a_few_heavy_raters_counting_everybody_alike_covers_where_the_mean_of_answers_does_not() -> None:
    result = measure_heavy(Cell(40, 40, 0.8, 0.3, "heavy", 0.0, 0.0), runs=RUNS)
    tolerance = 3 * (0.05 * 0.95 / RUNS) ** 0.5
    assert result.two_way < 0.93 < result.weighted + tolerance
    assert result.two_way <= result.jackknife <= result.jackknife_effective


def test_the_intervals_beside_it_are_their_formulas_written_out() -> None:
    meetings = Meetings(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 1, 2, 0, 1, 2]))
    scores = np.array([[1.0, 0.5, 0.0, 1.0, 1.0, 0.0]])
    row, mean = scores[0], scores[0].mean()

    def left_out(codes: np.ndarray) -> float:
        means = [row[codes != code].mean() for code in np.unique(codes)]
        return (len(means) - 1) / len(means) * sum((each - mean) ** 2 for each in means)

    people, tracks = left_out(meetings.participant), left_out(meetings.track)
    expected = max(people, tracks, people + tracks - left_out(np.arange(6)))
    assert jackknife_variances(scores, meetings)[0] == pytest.approx(expected)
    # With equal weights the weighted variance is the product's own.
    equal = weighted_variances(scores, np.full(6, 1 / 6), meetings)[0]
    own = estimate_preference(Ballots(row, meetings.participant, meetings.track, np.arange(6) % 2 == 0)).variance
    assert own is not None
    assert equal == pytest.approx(own.used)


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
    heavy = [Cell(12, 12, 0.5, 0.5, "heavy", 0.0, 0.0)]
    metrics = run(20, cells=CELLS[:2], further=CELLS[4:5], heavy=heavy, looks=looks)
    lines = [json.loads(metric.as_json()) for metric in metrics]
    assert [list(row) for row in lines] == [[*KEYS, "why"]] * len(lines)
    assert {row["why"] for row in lines if row["goal"]} == {"20 runs; the goal speaks of 2,000"}
