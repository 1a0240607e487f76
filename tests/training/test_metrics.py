"""Scores on hand-counted items."""

from __future__ import annotations

import subprocess
import sys

import pytest

from datagen.words import STEMS
from training.metrics import Scored, per_stem_found, psychometric, score, track_interval


def item(right: dict[str, float], advised: dict[str, float] | None, *, track: str = "t1") -> Scored:
    return Scored(track, right, advised, STEMS)


HAND_COUNTED = [
    item({"bass": -3.5}, {"bass": -3.0}),
    item({"drums": 6.0, "vocals": -3.0}, {"drums": 5.0, "vocals": 2.0}, track="t2"),
    item({"other": 1.0}, {}, track="t2"),
    item({"other": -4.0}, None, track="t3"),
    item({}, {}, track="t3"),
    item({}, {"vocals": 0.5}, track="t3"),
]


def test_a_stem_is_found_when_it_is_named_with_the_right_direction() -> None:
    assert score(HAND_COUNTED).found == pytest.approx(2 / 4)


def test_naming_an_unchanged_stem_is_a_false_alarm() -> None:
    unchanged = 3 + 2 + 3 + 3 + 4 + 4
    assert score(HAND_COUNTED).false_alarms == pytest.approx(1 / unchanged)


def test_missed_and_unreadable_changes_count_as_nothing_advised() -> None:
    assert score(HAND_COUNTED).error_db == pytest.approx((0.5 + 1.0 + 5.0 + 1.0 + 4.0) / 5)


def test_specificity_is_the_share_of_clean_items_left_alone() -> None:
    assert score(HAND_COUNTED).specificity == pytest.approx(1 / 2)
    assert score([item({}, None)]).specificity == 0.0


def test_exact_needs_every_stem_and_direction_and_nothing_else() -> None:
    assert score(HAND_COUNTED).exact == pytest.approx(2 / 6)


def test_items_with_two_changes_are_reported_apart() -> None:
    assert score(HAND_COUNTED).found_of_two == pytest.approx(1 / 2)
    assert score(HAND_COUNTED).false_alarms_of_two == 0.0


def test_the_constant_answer_has_full_specificity_and_finds_nothing() -> None:
    constant = score([item({"bass": 6.0}, {}), item({}, {})])
    assert (constant.found, constant.false_alarms, constant.specificity) == (0.0, 0.0, 1.0)
    assert constant.error_db == 6.0


def test_what_no_item_decides_is_none_and_not_a_number() -> None:
    clean = score([item({}, {})])
    assert clean.found is None
    assert clean.error_db is None


def test_the_psychometric_curve_counts_per_size() -> None:
    curve = psychometric(HAND_COUNTED)
    assert curve[1.0] == 0.0
    assert curve[6.0] == 1.0
    assert curve[12.0] is None


def test_found_per_stem() -> None:
    assert per_stem_found(HAND_COUNTED) == {"drums": 1.0, "bass": 1.0, "other": 0.0, "vocals": 0.0}


def test_intervals_resample_tracks_and_need_ten_of_them() -> None:
    def found(items: object) -> float | None:
        return score(items).found  # type: ignore[arg-type]

    few = [item({"bass": -3.5}, {"bass": -3.0}, track=str(k)) for k in range(9)]
    assert track_interval(few, found) is None
    many = [item({"bass": -3.5}, {"bass": -3.0 if k % 4 else 3.0}, track=str(k)) for k in range(40)]
    low, high = track_interval(many, found) or (0.0, 0.0)
    assert low < 0.75 < high
    # Repeating every item inside its track adds no information, so the interval must not shrink.
    assert track_interval(many * 5, found) == (low, high)


def test_metrics_need_no_torch() -> None:
    code = "import sys, training.metrics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
