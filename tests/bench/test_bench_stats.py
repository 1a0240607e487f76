"""The statistics bench on few answers: every line is whole, with and without peers; peers estimate the same numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studyweb.stats.preference import estimate_preference
from tests.bench.bench_stats import _ballots, run
from tests.bench.peer_process import PEERS_VARIABLE, running_vote_peers, what_vote_peers_lack
from tests.bench.test_harness import KEYS


def test_every_line_has_all_keys_and_few_answers_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PEERS_VARIABLE, "/nowhere/python")
    lines = [json.loads(metric.as_json()) for metric in run(answers=50_000, draws=200, repeats=1)]
    assert [list(row) for row in lines] == [[*KEYS, "why"]] * 9
    assert {row["why"] for row in lines} == {"50,000 answers; the goal speaks of 1,000,000"}
    assert [row["peer"] for row in lines] == [None] * 9


def test_peers_find_the_same_rate_and_standard_error(tmp_path: Path) -> None:
    if lack := what_vote_peers_lack():
        pytest.skip(lack)
    ballots = _ballots(20_000)
    votes = tmp_path / "votes.npz"
    np.savez(votes, score=ballots.score, participant=ballots.participant, track=ballots.track)
    with running_vote_peers(votes) as peers:
        assert peers is not None
        (rate,) = peers.look("evalica")["found"]
        mean, error = peers.look("statsmodels")["found"]
        low, high = peers.look("evalica bootstrap", draws=5)["found"]
    estimate = estimate_preference(ballots)
    assert (rate, mean) == pytest.approx((estimate.rate, estimate.rate), abs=1e-9)
    assert estimate.variance is not None
    two_way = estimate.variance.participant + estimate.variance.track - estimate.variance.cell
    assert error == pytest.approx(two_way**0.5, rel=0.02)
    assert low < rate < high
