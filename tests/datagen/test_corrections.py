"""The canonical correction is the smallest explanation, and a unique one has no rival."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.corrections import canonical_correction, is_unique, residual_imbalance_db
from datagen.words import STEMS, GainChange, mapping_from_changes

SIX = ("drums", "bass", "guitars", "keys", "strings", "vocals")
gains_db = st.integers(-24, 24).map(lambda steps: steps * 0.5)
audible_sets = st.sampled_from([stems[:n] for stems in (STEMS, SIX) for n in range(1, len(stems) + 1)])


@st.composite
def mixes(draw):
    """A disturbance of any stems, and which of them can be heard."""
    audible = draw(audible_sets)
    return draw(st.dictionaries(st.sampled_from(audible), gains_db)), audible


def explanations(disturbance_db, audible):
    """Every set of gain changes that leaves all audible stems at one common gain, by brute force over common gains.

    Only common gains that leave at least one stem unchanged can be smallest; they are tried with all others on a
    quarter-dB grid.
    """
    commons_db = {disturbance_db.get(stem, 0.0) for stem in audible} | {step / 4 for step in range(-100, 101)}
    for common_db in commons_db:
        yield {stem: common_db - disturbance_db.get(stem, 0.0) for stem in audible}


def size(moves_db):
    return sum(move != 0.0 for move in moves_db.values()), sum(abs(move) for move in moves_db.values())


@given(mixes())
def test_correction_restores_the_balance(mix):
    disturbance_db, audible = mix
    assert residual_imbalance_db(disturbance_db, canonical_correction(disturbance_db, audible), audible) < 1e-9


@given(mixes())
def test_no_explanation_is_smaller(mix):
    disturbance_db, audible = mix
    found = mapping_from_changes(canonical_correction(disturbance_db, audible))
    assert all(size(found) <= size(other) for other in explanations(disturbance_db, audible))


@given(mixes())
def test_unique_correction_has_no_rival_with_as_few_changes(mix):
    disturbance_db, audible = mix
    if is_unique(disturbance_db, audible):
        found = mapping_from_changes(canonical_correction(disturbance_db, audible))
        rivals = [
            other
            for other in explanations(disturbance_db, audible)
            if size(other)[0] <= len(found) and {s: m for s, m in other.items() if m} != found
        ]
        assert rivals == []


@given(mixes())
def test_unique_correction_has_no_rival_even_to_within_1_db(mix):
    """No common shift brings as many other stems to within 1 dB as the correction leaves unchanged."""
    disturbance_db, audible = mix
    changed = mapping_from_changes(canonical_correction(disturbance_db, audible))
    if not is_unique(disturbance_db, audible) or 2 * len(changed) < len(audible):
        return
    values_db = [disturbance_db.get(stem, 0.0) for stem in changed]
    for one_db, other_db in combinations(values_db, 2):
        if len(changed) == 2:
            assert abs(one_db - other_db) > 2.0


@given(mixes(), gains_db)
def test_a_common_gain_changes_nothing(mix, common_db):
    disturbance_db, audible = mix
    shifted_db = {stem: disturbance_db.get(stem, 0.0) + common_db for stem in audible}
    if is_unique(disturbance_db, audible):
        assert canonical_correction(shifted_db, audible) == canonical_correction(disturbance_db, audible)


def test_inaudible_stems_are_left_out():
    assert canonical_correction({"vocals": 3.0, "drums": -2.0}, ("drums", "bass", "other")) == (
        GainChange("drums", 2.0),
    )


def test_changing_most_stems_alike_is_undone_by_the_other_one():
    disturbance_db = {"drums": 3.0, "bass": 3.0, "other": 3.0}
    assert canonical_correction(disturbance_db, STEMS) == (GainChange("vocals", 3.0),)


def test_equal_halves_take_the_smaller_common_gain():
    assert mapping_from_changes(canonical_correction({"drums": 3.0, "bass": 3.0}, STEMS)) == {
        "drums": -3.0,
        "bass": -3.0,
    }


def test_rounding_noise_is_no_change():
    assert canonical_correction({"drums": 0.1 + 0.2, "bass": 0.3, "other": 0.3}, STEMS) == (GainChange("vocals", 0.3),)


@pytest.mark.parametrize(
    ("disturbance_db", "audible", "unique"),
    [
        ({}, (), True),
        ({}, ("drums",), True),
        ({"drums": 3.0}, ("drums", "bass"), False),
        ({"drums": 3.0}, ("drums", "bass", "other"), True),
        ({"drums": 3.0, "bass": 3.0}, STEMS, False),
        ({"drums": 3.0, "bass": 5.0}, STEMS, False),
        ({"drums": 3.0, "bass": 5.5}, STEMS, True),
        ({"drums": 3.0, "bass": -3.0}, STEMS, True),
        ({"drums": 3.0, "bass": -3.0}, SIX, True),
        ({"drums": 3.0, "bass": 3.0}, SIX, True),
        ({"drums": 1.0, "bass": 4.0, "keys": 9.0}, SIX, True),
        ({"drums": 1.0, "bass": 4.0, "keys": 9.0, "vocals": -2.0}, SIX, False),
    ],
)
def test_uniqueness_by_number_of_audible_stems(disturbance_db, audible, unique):
    assert is_unique(disturbance_db, audible) is unique


def test_residual_is_the_rms_around_the_best_common_gain():
    # Left over after the advice: 0, 0, 0, -2 dB; mean -0.5, deviations 0.5, 0.5, 0.5, -1.5.
    left_db = residual_imbalance_db({"vocals": -4.0}, (GainChange("vocals", 2.0),), STEMS)
    assert left_db == pytest.approx(math.sqrt((3 * 0.25 + 2.25) / 4))


@given(mixes(), gains_db)
def test_residual_cannot_be_lowered_by_another_common_gain(mix, common_db):
    disturbance_db, audible = mix
    rms_db = math.sqrt(sum((disturbance_db.get(s, 0.0) - common_db) ** 2 for s in audible) / len(audible))
    assert residual_imbalance_db(disturbance_db, (), audible) <= rms_db + 1e-9


def test_gain_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not a finite number"):
        canonical_correction({"drums": math.nan}, STEMS)


def test_stem_listed_twice_is_refused():
    with pytest.raises(ValueError, match="twice"):
        canonical_correction({}, ("drums", "drums"))
