"""Intervals that cluster by track."""

from __future__ import annotations

import pytest

from training.intervals import estimate_mean


def test_the_mean_counts_values_and_not_tracks() -> None:
    estimate = estimate_mean([("a", 1.0), ("a", 1.0), ("b", 4.0)])
    assert (estimate.value, estimate.count) == (2.0, 3)


def test_fewer_than_ten_tracks_get_no_interval() -> None:
    assert estimate_mean([(str(k), float(k)) for k in range(9)]).interval is None
    assert estimate_mean([(str(k), float(k)) for k in range(10)]).interval is not None


def test_repeating_every_value_inside_its_track_adds_no_information() -> None:
    values = [(str(k), float(k % 4 > 0)) for k in range(40)]
    once, often = estimate_mean(values), estimate_mean(values * 5)
    assert once.interval == often.interval
    assert once.interval is not None
    assert once.interval[0] < 0.75 < once.interval[1]


def test_the_width_is_that_of_the_mean_of_tracks() -> None:
    # 400 tracks of 0 or 1: the standard error is 0.025, the interval about 0.098 wide.
    estimate = estimate_mean([(str(k), float(k % 2)) for k in range(400)])
    assert estimate.interval is not None
    assert estimate.interval[1] - estimate.interval[0] == pytest.approx(0.098, abs=0.01)


def test_nothing_has_no_mean() -> None:
    assert estimate_mean([]).value is None
