"""Cells that every reader opens alike."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyweb.export.chunks import chunks_of
from studyweb.export.columns import Column
from studyweb.export.csv_text import cell, csv_lines, csv_text, guarded, unguarded

TEXT = Column("comment", "text", "")


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_a_formula_in_free_text_becomes_inert(formula):
    assert guarded(formula) == f"'{formula}"


def test_a_negative_number_stays_a_number():
    assert cell(-2) == "-2"


def test_nul_goes_and_line_breaks_become_plain():
    assert guarded("a\x00b\r\nc\rd\u2028e") == "ab\nc\nd\ne"


def test_a_text_in_a_column_of_numbers_is_guarded_as_well():
    assert list(csv_lines([Column("switches", "integer", "")], [{"switches": "=1+1"}]))[1] == "'=1+1\r\n"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_the_guard_can_be_taken_away_again(text):
    assert unguarded(guarded(text)) == text


def test_missing_is_empty_and_the_word_none_is_kept():
    assert cell(None) == ""
    assert cell("None") == "None"


def test_times_are_utc():
    assert cell(datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)) == "2026-11-25T01:02:03.000+00:00"


def test_the_first_bytes_are_the_first_columns_name():
    first = next(iter(csv_lines([Column("participant_id", "code", "")], [])))
    assert first.encode() == b"participant_id\r\n"


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8))
def test_any_texts_come_back_one_row_each(texts):
    lines = csv_lines([TEXT], ({"comment": text} for text in texts))
    rows = list(csv.reader(io.StringIO("".join(lines), newline="")))
    assert len(rows) == len(texts) + 1
    assert [row[0] if row else "" for row in rows[1:]] == [guarded(text) for text in texts]


@given(st.lists(st.none() | st.text(alphabet="aZ0_.-=+@',\"\n\té", max_size=4), min_size=1, max_size=6))
def test_a_column_is_written_as_its_cells_are(texts):
    lines = csv_lines([TEXT], [{"comment": text} for text in texts])
    together = csv_text([TEXT], next(chunks_of({"comment": text} for text in texts)))
    assert "".join(lines) == "comment\r\n" + together
    assert [row[0] if row else "" for row in csv.reader(io.StringIO(together, newline=""))] == [
        cell(text) for text in texts
    ]
