"""Psychometric curves: a known one is found again, and thresholds say when there is none."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.disturbances import MAGNITUDES_DB
from datagen.words import STEMS
from training.metrics import Scored
from training.psychometrics import fit_psychometric, found_share


def listener(midpoint_db: float, *, lapse: float = 0.0, seed: int = 8, items: int = 1000) -> list[Scored]:
    """Items of a listener with a known curve, who never raises a false alarm."""
    rng = np.random.default_rng(seed)
    answers = []
    for number in range(items):
        size = float(rng.choice(MAGNITUDES_DB))
        found = rng.random() < (1.0 - lapse) / (1.0 + (midpoint_db / size) ** 4)
        answers.append(Scored(f"t{number // 10}", {"bass": -size}, {"bass": -1.0} if found else {}, STEMS))
    return answers


def test_known_thresholds_lie_in_their_intervals() -> None:
    inside = []
    for seed in range(5):
        curve = fit_psychometric(listener(2.0, seed=seed))
        assert curve is not None
        assert curve.interval_db is not None
        low, high = curve.interval_db
        assert high is not None
        assert high < 1.5 * low
        inside.append(low <= 2.0 <= high)
    # Each of them holds it with a chance of 95 %.
    assert sum(inside) >= 4


def test_the_threshold_is_where_half_are_found_and_not_the_midpoint_of_what_is_ever_found() -> None:
    curve = fit_psychometric(listener(2.0, lapse=0.3))
    assert curve is not None
    assert curve.lapse == pytest.approx(0.3, abs=0.05)
    assert curve.threshold_db is not None
    assert found_share(curve, np.array([curve.threshold_db]))[0] == pytest.approx(0.5)
    assert curve.threshold_db > curve.midpoint_db


def test_a_listener_who_never_finds_half_has_no_threshold() -> None:
    curve = fit_psychometric(listener(2.0, lapse=0.7))
    assert curve is not None
    assert curve.threshold_db is None
    assert curve.interval_db is None


def test_no_change_at_all_is_found_as_often_as_chance_has_it() -> None:
    guessing = [Scored(f"t{k}", {"bass": 1.0}, {"drums": 1.0, "other": -1.0, "vocals": 1.0}, STEMS) for k in range(20)]
    curve = fit_psychometric(guessing)
    assert curve is not None
    assert curve.guess == 0.5
    assert found_share(curve, np.array([1e-6]))[0] == pytest.approx(0.5, abs=1e-3)


def test_sizes_are_counted() -> None:
    curve = fit_psychometric([Scored("t", {"bass": -3.0, "drums": 6.0}, {"drums": 6.0}, STEMS)])
    assert curve is not None
    assert (curve.asked[3.0], curve.found[3.0], curve.asked[6.0], curve.found[6.0]) == (1, 0, 1, 1)
    assert curve.interval_db is None


def test_clean_items_alone_have_no_curve() -> None:
    assert fit_psychometric([Scored("t", {}, {}, STEMS)]) is None
