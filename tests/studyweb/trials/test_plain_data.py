"""What a browser sends, made safe to store."""

from __future__ import annotations

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from studyweb.trials.plain_data import MAX_TEXT, clean_data, clean_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.text(alphabet=st.characters()))
def test_clean_text_can_be_stored_anywhere_and_cleaning_twice_changes_nothing(text: str) -> None:
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert clean_text(cleaned) == cleaned


def test_markup_formulas_and_signs_stay_letter_by_letter() -> None:
    text = 'Cut <200 Hz, <img src=x onerror=alert(1)> & lift 3 kHz by −2,5 dB\n=cmd|" /C calc"!A0 😀 عربي'
    assert clean_text(text) == text


def test_line_breaks_become_one_kind_and_control_characters_go() -> None:
    assert clean_text("one\r\ntwo\rthree\x07\x00\ud800") == "one\ntwo\nthree"


def test_endless_text_is_cut() -> None:
    assert len(clean_text("x" * 100_000)) == MAX_TEXT


@given(JSON)
def test_clean_data_survives_json_unchanged(value: object) -> None:
    cleaned = clean_data(value)
    assert json.loads(json.dumps(cleaned, allow_nan=False)) == cleaned


def test_whole_numbers_of_any_length_are_cut_like_other_odd_numbers() -> None:
    assert clean_data({"huge": 10**400, "nan": float("nan"), "infinite": -math.inf}) == dict.fromkeys(
        ("huge", "nan", "infinite")
    )


def test_numbers_that_json_columns_change_are_made_plain() -> None:
    assert clean_data({"a": math.nan, "b": math.inf, "c": -0.0, "d": 1e300, "e": 1.23456}) == {
        "a": None,
        "b": None,
        "c": 0.0,
        "d": None,
        "e": 1.235,
    }
    assert math.copysign(1.0, clean_data(-0.0)) == 1.0
