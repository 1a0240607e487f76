"""Nothing a browser receives tells which system stands where, in short; ./dev bench blinding is the long version."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench.bench_blinding import LEAK_NAMES
from tests.bench.blinding_classifier import judge
from tests.bench.blinding_leaks import LEAKS
from tests.bench.blinding_sessions import make_shared_study, play

CLEAN_TRIALS, LEAK_TRIALS = 160, 80
SEED = 11

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Any:
    return make_shared_study(40)


def test_a_classifier_over_all_that_is_received_is_no_better_than_chance(study: Any) -> None:
    verdict = judge(play(study, trials=CLEAN_TRIALS, seed=SEED))
    # 80 test trials: one standard error is 0.065, and four of them are allowed.
    assert verdict.standard_error == pytest.approx(0.065, abs=0.001)
    assert abs(verdict.regression - 0.5) < 4 * verdict.standard_error
    assert abs(verdict.best_column - 0.5) < 4 * verdict.standard_error


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_seen(study: Any, leak: str) -> None:
    verdict = judge(play(study, trials=LEAK_TRIALS, seed=SEED, leak=leak, load_audio=False))
    assert verdict.area > 0.5 + 4 * verdict.standard_error, f"told by {verdict.telling}"


def test_the_bench_plants_every_leak() -> None:
    assert set(LEAK_NAMES) == set(LEAKS)
