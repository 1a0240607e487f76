"""What is measured in an excerpt: loudness, share, audibility, and who covers whom."""

from __future__ import annotations

import json

import numpy as np
import pytest

from datagen.excerpt_facts import (
    audible_stems,
    band_energies,
    explanation_facts,
    facts_as_json,
    measured_facts,
)
from datagen.loudness import integrated_loudness
from tests.datagen.making_stems import RATE, Audio, noise, tone


def stems_of(drums: Audio, bass: Audio, other: Audio, vocals: Audio) -> Audio:
    return np.stack([drums, bass, other, vocals])


def balanced() -> Audio:
    return stems_of(
        noise(1, seconds=5, peak=0.1), tone(80, seconds=5, peak=0.2), tone(400, seconds=5), tone(1500, seconds=5)
    )


def test_all_stems_of_a_balanced_mix_are_audible() -> None:
    assert audible_stems(balanced(), RATE) == ("drums", "bass", "other", "vocals")


def test_a_silent_stem_is_not_audible_and_has_no_loudness() -> None:
    stems = balanced()
    stems[1] = 0
    facts = measured_facts(stems, RATE)
    assert facts.audible == ("drums", "other", "vocals")
    assert facts.stems[1].loudness_lufs is None
    assert facts.stems[1].ratio_lu is None


def test_a_stem_far_below_the_mix_is_not_audible() -> None:
    stems = balanced()
    stems[3] *= 10 ** (-30 / 20)
    assert "vocals" not in audible_stems(stems, RATE)


def test_a_stem_that_plays_for_a_moment_is_not_audible() -> None:
    stems = balanced()
    stems[3, :, RATE // 2 :] = 0
    facts = measured_facts(stems, RATE)
    assert facts.stems[3].active_share < 0.25
    assert "vocals" not in facts.audible


def test_ratio_is_the_stem_against_all_others_together() -> None:
    stems = balanced()
    alone, rest = integrated_loudness(stems[2], RATE), integrated_loudness(stems[[0, 1, 3]].sum(axis=0), RATE)
    assert alone is not None
    assert rest is not None
    assert measured_facts(stems, RATE).stems[2].ratio_lu == pytest.approx(alone - rest, abs=1e-4)


def test_a_stem_that_is_buried_in_its_own_band_is_covered_there_and_nowhere_else() -> None:
    stems = balanced()
    stems[2] = tone(1600, seconds=5, peak=0.5)
    masking = measured_facts(stems, RATE).masking
    assert [(m.masker, m.masked, m.low_hz, m.high_hz) for m in masking if m.masked == "vocals"] == [
        ("other", "vocals", 1000.0, 2000.0)
    ]


def test_masking_is_true_in_the_excerpt_it_is_stated_for() -> None:
    stems = balanced()
    stems[2] = tone(1600, seconds=5, peak=0.5)
    energies = band_energies(stems, RATE)
    for masking in measured_facts(stems, RATE).masking:
        names = ("drums", "bass", "other", "vocals")
        band = [20, 60, 120, 250, 500, 1000, 2000, 4000, 8000].index(int(masking.low_hz))
        masker, masked = energies[names.index(masking.masker)], energies[names.index(masking.masked)]
        assert 10 * np.log10(masker[band] / masked[band]) >= 6
        assert masked[band] / masked.sum() >= 0.1


def test_band_energies_add_up_to_the_energy_between_20_hz_and_16_khz() -> None:
    stems = balanced()[1:]
    spectrum_energy = (stems.astype(np.float64) ** 2).sum(axis=(1, 2)) * stems.shape[-1] / 2
    np.testing.assert_allclose(band_energies(stems, RATE).sum(axis=1), spectrum_energy, rtol=1e-3)


def test_explanations_get_ratios_of_audible_stems_only() -> None:
    stems = balanced()
    stems[1] = 0
    facts = explanation_facts(measured_facts(stems, RATE), section="chorus", lead="vocals")
    assert set(facts.ratio_lu) == {"drums", "other", "vocals"}
    assert (facts.section, facts.lead) == ("chorus", "vocals")


def test_facts_of_silence_are_valid_json() -> None:
    facts = facts_as_json(measured_facts(np.zeros((4, 2, RATE), np.float32), RATE))
    assert json.loads(json.dumps(facts, allow_nan=False))["audible"] == []
    assert facts["mix_lufs"] is None


def test_facts_of_a_clip_shorter_than_a_block_are_not_measurable() -> None:
    facts = measured_facts(balanced()[..., : round(0.3 * RATE)], RATE)
    assert facts.mix_lufs is None
    assert facts.audible == ()
