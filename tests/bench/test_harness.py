"""The bench harness: keys, ratios, goals, and what a broken bench leaves."""

from __future__ import annotations

import json

import pytest

from tests.bench import __main__ as harness
from tests.bench.metric import Goal, Metric
from tests.bench.timing import measure_interleaved

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


@pytest.mark.parametrize("fields", [{"ours": None}, {"ours": 1.0, "peer": 2.0}], ids=["no reason", "nameless peer"])
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
