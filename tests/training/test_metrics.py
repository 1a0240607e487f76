"""Scores on hand-counted items, and what must hold for any."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.words import STEMS
from training.metrics import (
    METRICS,
    Scored,
    error_by_stem,
    false_alarms_by_stem,
    found_by_size,
    found_by_stem,
    residual_db,
    score,
    score_of,
)

GAINS = st.sampled_from([-12.0, -3.0, -0.5, 0.5, 2.0, 3.0, 12.0])
CORRECTIONS = st.dictionaries(st.sampled_from(STEMS), GAINS, max_size=2)


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


def value(items: list[Scored], name: str) -> float | None:
    return score_of(items, METRICS[name]).value


def test_a_stem_is_found_when_it_is_named_with_the_right_direction() -> None:
    assert value(HAND_COUNTED, "found") == pytest.approx(2 / 4)


def test_naming_an_unchanged_stem_is_a_false_alarm() -> None:
    unchanged = 3 + 2 + 3 + 3 + 4 + 4
    assert score(HAND_COUNTED)["false_alarms"].count == unchanged
    assert value(HAND_COUNTED, "false_alarms") == pytest.approx(1 / unchanged)


def test_missed_and_unreadable_changes_count_as_nothing_advised() -> None:
    assert value(HAND_COUNTED, "error_db") == pytest.approx((0.5 + 1.0 + 5.0 + 1.0 + 4.0) / 5)


def test_specificity_is_the_share_of_clean_items_left_alone() -> None:
    assert value(HAND_COUNTED, "specificity") == pytest.approx(1 / 2)
    assert value([item({}, None)], "specificity") == 0.0


def test_exact_needs_every_stem_and_direction_and_nothing_else() -> None:
    assert value(HAND_COUNTED, "exact") == pytest.approx(2 / 6)


def test_items_with_two_changes_are_reported_apart() -> None:
    assert value(HAND_COUNTED, "found_of_two") == pytest.approx(1 / 2)
    assert value(HAND_COUNTED, "false_alarms_of_two") == 0.0


def test_unreadable_is_the_share_of_advices_that_say_nothing() -> None:
    assert value(HAND_COUNTED, "unreadable") == pytest.approx(1 / 6)


def test_the_residual_is_an_rms_after_the_common_gain_is_removed() -> None:
    # 4 dB too loud on one of four stems: the mean is 1 dB, what is left is 3, -1, -1, -1.
    untouched = item({"bass": -4.0}, {})
    assert residual_db(untouched, {}) == pytest.approx(math.sqrt((9 + 1 + 1 + 1) / 4))
    assert residual_db(untouched, {"bass": -4.0}) == 0.0
    assert residual_db(untouched, dict.fromkeys(STEMS, 7.0) | {"bass": 3.0}) == pytest.approx(0.0)


def test_rounds_are_scored_by_all_that_was_applied_so_far() -> None:
    listened = Scored(
        "t", {"bass": -4.0}, {"bass": -2.0}, STEMS, ({"bass": -2.0}, {"bass": -4.0}, {"bass": -4.0}), True
    )
    assert value([listened], "residual_db") == pytest.approx(math.sqrt(12) / 4)
    assert value([listened], "residual_1_db") == value([listened], "residual_db")
    assert value([listened], "residual_2_db") == value([listened], "residual_3_db") == 0.0
    assert value([listened], "stopped") == 1.0
    assert value(HAND_COUNTED, "residual_1_db") is None


def test_the_constant_answer_has_full_specificity_and_finds_nothing() -> None:
    constant = [item({"bass": 6.0}, {}), item({}, {})]
    assert [value(constant, name) for name in ("found", "false_alarms", "specificity", "error_db")] == [0, 0, 1, 6]


@given(st.lists(CORRECTIONS, min_size=1, max_size=8))
def test_the_right_answer_has_every_score_at_its_best(corrections: list[dict[str, float]]) -> None:
    items = [item(right, right) for right in corrections]
    best = {
        "found": 1,
        "specificity": 1,
        "exact": 1,
        "false_alarms": 0,
        "error_db": 0,
        "unreadable": 0,
        "residual_db": 0,
    }
    for name, wanted in best.items():
        assert value(items, name) in (None, wanted)


@given(st.lists(st.tuples(CORRECTIONS, st.none() | CORRECTIONS), min_size=1, max_size=8))
def test_shares_stay_between_none_and_all(pairs: list[tuple[dict[str, float], dict[str, float] | None]]) -> None:
    scores = score([item(right, advised) for right, advised in pairs])
    for name in ("found", "false_alarms", "specificity", "exact", "unreadable"):
        assert scores[name].value is None or 0.0 <= scores[name].value <= 1.0


def test_what_no_item_decides_is_none_and_not_a_number() -> None:
    assert value([item({}, {})], "found") is None
    assert value([item({}, {})], "error_db") is None


def test_found_by_size_counts_that_size_alone() -> None:
    by_size = found_by_size(HAND_COUNTED)
    assert (by_size[1.0].value, by_size[6.0].value, by_size[12.0].value) == (0.0, 1.0, None)
    assert by_size[3.0].count == 1


def test_scores_by_stem() -> None:
    assert {stem: each.value for stem, each in found_by_stem(HAND_COUNTED).items()} == {
        "drums": 1.0, "bass": 1.0, "other": 0.0, "vocals": 0.0,
    }  # fmt: skip
    assert false_alarms_by_stem(HAND_COUNTED)["vocals"].value == pytest.approx(1 / 5)
    assert error_by_stem(HAND_COUNTED)["other"].value == pytest.approx((1.0 + 4.0) / 2)


def test_metrics_need_no_torch() -> None:
    code = (
        "import sys, training.metrics, training.psychometrics, training.score_tables; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
