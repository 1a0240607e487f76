"""The bench harness: keys, ratios, goals, and what a broken bench leaves."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.bench import __main__ as harness
from tests.bench.metric import Goal, Metric
from tests.bench.timing import ElsewhereRun, measure_interleaved

KEYS = [
    "bench",
    "metric",
    "unit",
    "ours",
    "peer",
    "peer_name",
    "limit",
    "ratio_to_peer",
    "ratio_to_limit",
    "goal",
    "holds",
]


def test_a_json_line_has_exactly_the_agreed_keys_in_order() -> None:
    metric = Metric(
        "x", "decode", "s", 2.0, peer=4.0, peer_name="stempeg", limit=1.0, goal=Goal("ratio_to_peer", "at_most", 0.6)
    )
    row = json.loads(metric.as_json())
    assert list(row) == KEYS
    assert (row["ratio_to_peer"], row["ratio_to_limit"], row["holds"]) == (0.5, 2.0, True)


def test_a_figure_that_was_not_measured_says_why() -> None:
    row = json.loads(Metric("x", "decode", "s", None, goal=Goal("ours", "at_most", 1.0), why="no GPU").as_json())
    assert (row["ours"], row["holds"], row["why"]) == (None, None, "no GPU")


def test_a_figure_on_less_than_the_goal_asks_decides_nothing() -> None:
    goal = Goal("ours", "at_most", 1.0)
    row = json.loads(Metric("x", "drift", "", 0.5, goal=goal, settles=False, why="10 of 100").as_json())
    assert (row["ours"], row["goal"], row["holds"], row["why"]) == (0.5, "ours ≤ 1", None, "10 of 100")


@pytest.mark.parametrize(
    "fields",
    [{"ours": None}, {"ours": 1.0, "settles": False}, {"ours": 1.0, "peer": 2.0}],
    ids=["no figure", "too little", "nameless peer"],
)
def test_a_metric_without_its_reason_or_name_is_refused(fields: dict[str, float | None]) -> None:
    with pytest.raises(ValueError, match="x/decode"):
        Metric("x", "decode", "s", **fields)


@pytest.mark.parametrize(("side", "holds"), [("at_least", False), ("at_most", True)])
def test_a_goal_holds_on_its_own_side(side: str, holds: bool) -> None:
    assert Metric("x", "m", "s", 1.0, goal=Goal("ours", side, 2.0)).holds is holds


def test_a_broken_bench_is_one_line_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(harness, "bench_names", lambda: ["absent"])
    assert harness.main(["absent", "--json"]) == 0
    assert "the bench broke" in json.loads(capsys.readouterr().out)["why"]


def test_an_unknown_bench_names_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        harness.main(["no-such-bench"])
    assert "no bench named no-such-bench; there are:" in capsys.readouterr().err


def test_candidates_take_turns_in_a_turning_order() -> None:
    calls: list[str] = []
    timings = measure_interleaved({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, repeats=2)
    assert calls == ["a", "b", "a", "b", "b", "a"]
    assert {timing.repeats for timing in timings.values()} == {2}


def test_a_candidate_in_another_process_brings_its_own_cpu_time() -> None:
    timing = measure_interleaved({"peer": lambda: ElsewhereRun(cpu_s=7.0)}, repeats=3)["peer"]
    assert (timing.cpu_median_s, timing.cpu_minimum_s, timing.one_core_s) == (7.0, 7.0, 7.0)


@pytest.mark.parametrize(("flags", "unit"), [([], "short"), (["--long"], "long")])
def test_long_runs_the_full_length_where_there_is_one(
    flags: list[str], unit: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = SimpleNamespace(
        run=lambda: [Metric("x", "m", "short", 1.0)], run_long=lambda: [Metric("x", "m", "long", 1.0)]
    )
    monkeypatch.setattr(harness, "bench_names", lambda: ["x"])
    monkeypatch.setattr(harness.importlib, "import_module", lambda name: bench)
    assert harness.main(["x", "--json", *flags]) == 0
    assert json.loads(capsys.readouterr().out)["unit"] == unit


def test_the_table_shows_medians_with_the_best_run() -> None:
    metric = Metric("x", "decode", "s", 2.0, 4.0, "stempeg", ours_best=1.0, peer_best=3.0)
    assert "2 (1)" in harness.table([metric])
    assert "4 (3) stempeg" in harness.table([metric])
    assert "0.5 (0.3333)" in harness.table([metric])
