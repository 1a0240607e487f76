"""Rules of the reader that single texts show best."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.explanations import read
from datagen.words import GRID_DB, MAX_GAIN_DB, GainChange, mapping_from_changes

STEMS_OF_A_SOURCE = ("drums", "bass", "strings", "lead_synth")

WORDS = (
    "turn raise lower the vocals vox bass drums up down by 3 dB −2 dB 2,5 dB -1 to 4 a little and , . : - ( ) "
    "not don't leave too loud below than or if nothing to change cello everything 3 kHz inf NaN ± \n <b> half"
)
words = st.sampled_from(WORDS.split(" "))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("vocals 0.5", "without dB"),
        ("Turn the vocals up +60 dB", "out of range"),
        ("vocals -inf dB", "finite"),
        ("vocals NaN dB", "finite"),
        ("Turn the cello up 3 dB", "cello"),
        ("Set the vocals 3 dB below the drums", "relative"),
        ("Vocals up 3 dB. Vocals down 2 dB.", "contradictory"),
        ("Turn the vocals up.", "no amount"),
        ("Raise the vocals by −3 dB.", "contradicts"),
        ("Raise the vocals 2 dB if needed.", "condition"),
        ("Add a high shelf at 8 kHz to the vocals.", "other processing"),
        ("Hello there.", "no gain change"),
    ],
)
def test_text_without_a_certain_move_says_why_it_is_not_actionable(text, why):
    reading = read(text)

    assert reading.changes is None
    assert why in reading.not_actionable


@pytest.mark.parametrize("minus", ["-", "−", "–", "minus ", "﹣", "－"])
def test_every_written_minus_is_a_minus(minus):
    assert read(f"vocals {minus}3 dB").changes == (GainChange("vocals", -3.0),)


def test_range_is_read_to_its_middle_and_kept():
    reading = read("Lower the drums by 2 to 4 dB.")

    assert reading.changes == (GainChange("drums", -3.0),)
    assert [(move.low_db, move.high_db) for move in reading.ranges] == [(-4.0, -2.0)]


def test_magnitude_word_is_read_to_the_middle_of_its_declared_band():
    reading = read("Turn the vocals up a lot.")

    assert reading.changes == (GainChange("vocals", 8.0),)
    assert reading.from_words
    assert [(move.low_db, move.high_db) for move in reading.ranges] == [(6.0, 10.0)]


def test_gain_off_the_grid_is_rounded_and_noted():
    reading = read("vocals +3.3 dB")

    assert reading.changes == (GainChange("vocals", 3.5),)
    assert "rounded" in reading.notes[0]


def test_stems_to_leave_alone_are_reported():
    assert read("Don't touch the bass, leave the drums, vocals up 2 dB.").unchanged == ("drums", "bass")


def test_markup_is_text_like_any_other():
    reading = read("Raise the vocals 2 dB <script>alert(1)</script>")

    assert reading.changes == (GainChange("vocals", 2.0),)


def test_other_processing_is_left_out_and_noted():
    reading = read("Turn the vocals up 2 dB and cut 3 dB at 400 Hz on the bass.")

    assert reading.changes == (GainChange("vocals", 2.0),)
    assert any("400 hz" in note for note in reading.notes)


def test_source_with_other_stems_is_read_by_its_own_names():
    reading = read("Lead synth up 2 dB, strings down 1 dB.", STEMS_OF_A_SOURCE)

    assert mapping_from_changes(reading.changes or ()) == {"strings": -1.0, "lead_synth": 2.0}


def test_stem_the_source_does_not_have_is_not_actionable():
    assert "vocals" in read("Vocals up 2 dB.", STEMS_OF_A_SOURCE).not_actionable


@settings(max_examples=300, deadline=None)
@given(st.lists(words, max_size=25).map(" ".join))
def test_any_mixture_of_words_gives_gains_on_the_grid_or_a_reason(text):
    reading = read(text)

    assert (reading.changes is None) == bool(reading.not_actionable)
    for change in reading.changes or ():
        assert 0.0 < abs(change.gain_db) <= MAX_GAIN_DB
        assert change.gain_db % GRID_DB == 0.0


@pytest.mark.parametrize("piece", ["minus ", "3 dB ", "3 to ", "vocals ", "because ", " - ", "for to ", "(", "not "])
def test_text_that_repeats_itself_is_read_like_any_other(piece):
    assert read(piece * (20_000 // len(piece))).changes is None


def test_endless_text_is_not_actionable():
    assert "longer than" in read("Turn the vocals up 3 dB. " * 1000).not_actionable


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_can_be_read(text):
    assert (read(text).changes is None) == bool(read(text).not_actionable)
