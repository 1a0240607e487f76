"""Chords and voice leading."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datagen.generator.harmony import chord_classes, lead_voicing, nearest_pitch, snapped_to_scale


def test_the_tonic_of_c_major_is_c_e_g():
    assert chord_classes(0, 0, minor=False, seventh=False) == (0, 4, 7)


def test_the_dominant_of_a_minor_has_its_leading_note():
    assert chord_classes(9, 4, minor=True, seventh=False) == (4, 8, 11)


def test_a_voicing_moves_little_from_c_to_f_major():
    assert lead_voicing((5, 9, 0), (60, 64, 67), centre=63) == (60, 65, 69)


@given(st.integers(0, 11), st.integers(0, 6), st.booleans(), st.booleans())
def test_a_voicing_holds_exactly_its_chord(tonic, degree, minor, seventh):
    classes = chord_classes(tonic, degree, minor=minor, seventh=seventh)
    voicing = lead_voicing(classes, (), centre=60)
    assert sorted(pitch % 12 for pitch in voicing) == sorted(classes)
    assert list(voicing) == sorted(voicing)


@given(st.integers(0, 11), st.floats(30, 90))
def test_the_nearest_pitch_is_at_most_a_tritone_away(pitch_class, target):
    pitch = nearest_pitch(pitch_class, target)
    assert pitch % 12 == pitch_class
    assert abs(pitch - target) <= 6


@given(st.floats(40, 90), st.integers(0, 11), st.booleans())
def test_snapping_moves_at_most_a_semitone(pitch, tonic, minor):
    assert abs(snapped_to_scale(pitch, tonic, minor=minor) - pitch) <= 1.0
