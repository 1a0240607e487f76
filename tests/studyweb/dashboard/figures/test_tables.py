"""Tables on paper: columns that fit, words that stay whole, numbers at the right."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.dashboard.figures.tables import GAP_IN, columns_of, is_number_column, row_height_in

WORDS = st.text("abcdefghij ", max_size=60)


@settings(deadline=None)  # the first letters are measured then
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=6))
def test_columns_fit_into_the_width_and_do_not_overlap(rows: list[tuple[str, ...]]) -> None:
    columns = columns_of(("Estimate", "95 % interval", "Answers"), rows, 6.0)
    for column, after in pairwise(columns):
        assert column.left_in + column.width_in + GAP_IN <= after.left_in + 1e-9
    assert columns[-1].left_in + columns[-1].width_in <= 6.0 + 1e-9


def test_a_wide_table_breaks_between_words() -> None:
    header = ["", *(f"Differential {number}" for number in range(6))]
    columns = columns_of(
        header, [["It describes what I hear and it tells me what to do", *("2.75" for _ in range(6))]], 6.0
    )
    assert columns[1].lines("Differential 1") == ["Differential", "1"]
    assert row_height_in(columns, header) > row_height_in(columns, ["", *("1" for _ in range(6))])


def test_rates_spans_and_empty_cells_are_numbers_and_words_are_not() -> None:
    assert is_number_column(["77 %", "67 % to 88 %", "", "−0.13 to 2.18", "+3.7 points"])
    assert not is_number_column(["77 %", "one track: no interval"])
    assert not is_number_column(["", ""])
