"""The export bench on few answers: every line is whole."""

from __future__ import annotations

import json

from tests.bench.bench_export import run
from tests.bench.test_harness import KEYS


def test_every_line_has_all_keys_and_few_answers_decide_nothing() -> None:
    lines = [json.loads(metric.as_json()) for metric in run(answers=20_000)]
    assert [list(row) for row in lines] == [[*KEYS, "why"]] * 3
    assert {row["why"] for row in lines} == {"20,000 answers; the goal speaks of 1,000,000"}
