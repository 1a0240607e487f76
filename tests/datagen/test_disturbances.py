"""Disturbances: on the grid, in the stated shares, and each with one explanation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.corrections import SHIFT_TOLERANCE_DB, canonical_correction, is_unique
from datagen.disturbances import MAGNITUDES_DB, DisturbanceSettings, draw_disturbance
from datagen.sources.moisesdb import OWN_STEMS
from datagen.words import STEMS, mapping_from_changes

SIX = ("drums", "bass", "guitars", "keys", "strings", "vocals")


def draw_many(n, audible=STEMS, settings=None, seed=1):
    rng = np.random.default_rng(seed)
    return [draw_disturbance(rng, audible, settings or DisturbanceSettings()) for _ in range(n)]


@given(st.integers(0, 2**32 - 1), st.integers(0, 11).map(lambda n: OWN_STEMS[:n]), st.floats(0, 1))
def test_no_smaller_or_equal_explanation_exists_within_1_db(seed, audible, two_stem_share):
    """By brute force: no common shift away from the true one leaves as few stems changed, taken to within 1 dB."""
    settings = DisturbanceSettings(clean_share=0.0, two_stem_share=two_stem_share)
    drawn = draw_disturbance(np.random.default_rng(seed), audible, settings)
    gains_db = np.array([drawn.get(stem, 0.0) for stem in audible])
    if 2 * len(drawn) < len(audible) or not drawn:
        shifts_db, tolerance_db = np.unique(gains_db), 0.0
    else:
        assert 2 * len(drawn) == len(audible)
        shifts_db, tolerance_db = np.arange(-56, 57) / 4, SHIFT_TOLERANCE_DB
    away = shifts_db[np.abs(shifts_db) > tolerance_db]
    still_changed = (np.abs(gains_db - away[:, None]) > tolerance_db).sum(axis=1)
    assert all(still_changed > len(drawn))


@pytest.mark.parametrize("n_audible", [3, 4, 5, 11])
def test_the_clean_share_is_the_same_for_any_number_of_audible_stems(n_audible):
    drawn = draw_many(8_000, OWN_STEMS[:n_audible], DisturbanceSettings(clean_share=0.3))
    assert np.mean([not d for d in drawn]) == pytest.approx(0.3, abs=0.015)


@given(st.integers(0, 2**32 - 1), st.sampled_from([STEMS, STEMS[:3], SIX, SIX[:5], OWN_STEMS]), st.floats(0, 1))
def test_every_disturbance_has_one_explanation_its_opposite(seed, audible, two_stem_share):
    settings = DisturbanceSettings(clean_share=0.0, two_stem_share=two_stem_share)
    drawn = draw_disturbance(np.random.default_rng(seed), audible, settings)

    assert is_unique(drawn, audible)
    assert mapping_from_changes(canonical_correction(drawn, audible)) == {s: -gain_db for s, gain_db in drawn.items()}


@pytest.mark.parametrize("audible", [(), STEMS[:1], STEMS[:2]])
def test_with_fewer_than_three_audible_stems_nothing_is_changed(audible):
    assert draw_many(50, audible, DisturbanceSettings(clean_share=0.0)) == [{}] * 50


def test_shares_and_directions_are_as_set():
    drawn = draw_many(20_000)
    disturbed = [d for d in drawn if d]
    gains_db = [gain_db for d in disturbed for gain_db in d.values()]

    assert np.mean([not d for d in drawn]) == pytest.approx(0.2, abs=0.01)
    assert np.mean([len(d) == 2 for d in disturbed]) == pytest.approx(0.4, abs=0.015)
    assert np.mean([gain_db > 0 for gain_db in gains_db]) == pytest.approx(0.5, abs=0.015)
    assert {abs(gain_db) for gain_db in gains_db} == set(MAGNITUDES_DB)


def test_all_stems_are_changed_about_equally_often():
    counts = [sum(stem in d for d in draw_many(8_000)) for stem in STEMS]
    assert max(counts) < 1.1 * min(counts)


def test_magnitudes_follow_their_weights():
    settings = DisturbanceSettings(
        clean_share=0.0, two_stem_share=0.0, magnitudes_db=(1.0, 6.0), magnitude_weights=(3.0, 1.0)
    )
    sizes_db = [abs(gain_db) for d in draw_many(8_000, settings=settings) for gain_db in d.values()]
    assert np.mean([size_db == 1.0 for size_db in sizes_db]) == pytest.approx(0.75, abs=0.02)


def test_at_most_one_stem_where_only_one_is_allowed():
    assert {len(d) for d in draw_many(500, settings=DisturbanceSettings(max_stems=1))} == {0, 1}


def test_settings_report_all_their_mistakes_at_once():
    with pytest.raises(ValueError) as caught:
        DisturbanceSettings(clean_share=1.5, max_stems=3, magnitudes_db=(0.7,), magnitude_weights=(-1.0,))
    for part in ("clean_share is 1.5", "max_stems is 3", "0.7", "magnitude_weights"):
        assert part in str(caught.value)


def test_magnitudes_that_allow_no_unique_pair_are_refused():
    settings = DisturbanceSettings(
        clean_share=0.0, two_stem_share=1.0, magnitudes_db=(1.0,), magnitude_weights=(1.0,), up_share=1.0
    )
    with pytest.raises(ValueError, match="allow more magnitudes"):
        draw_disturbance(np.random.default_rng(0), STEMS, settings)
