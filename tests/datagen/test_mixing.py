"""Mixes from the decoded store, from files and from arrays are all the plain definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.mixing import mix_interleaved, mix_stems
from datagen.sources import WindowError, open_source, recognise
from tests.datagen.making_stems import RATE, four_stems, noise, write_song_wavs

GAINS = np.array([[1.0, 1.0, 1.0, 1.0], [0.5, 2.0, 0.0, 3.9]])


def plain(stems: np.ndarray, gains: np.ndarray) -> np.ndarray:
    return np.einsum("ms,scn->mcn", gains, stems.astype(np.float64))


@settings(max_examples=20, deadline=None)
@given(
    gains=st.lists(st.lists(st.floats(0, 4), min_size=3, max_size=3), min_size=1, max_size=3),
    n_samples=st.integers(1, 40_000),
)
def test_both_layouts_give_the_plain_definition(gains: list[list[float]], n_samples: int) -> None:
    stems = np.stack([noise(seed, seconds=1.0)[:, :n_samples] for seed in range(3)])
    expected = plain(stems, np.array(gains))
    np.testing.assert_allclose(mix_stems(stems, gains), expected, atol=1e-6)
    np.testing.assert_allclose(mix_interleaved(stems.transpose(2, 0, 1).copy(), gains), expected, atol=1e-6)


def test_a_mix_is_never_clipped() -> None:
    assert np.abs(mix_stems(np.ones((4, 2, 10), np.float32), [[4.0] * 4])).max() == 16.0


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_wav_stems_are_mixed_in_place(tmp_path: Path, subtype: str) -> None:
    write_song_wavs(tmp_path / "A - B", four_stems(seconds=2.0), subtype=subtype)
    source = recognise(tmp_path)
    window = {"start_samples": 12_345, "length_samples": 50_000}
    expected = plain(source.read("A - B", **window), GAINS)
    np.testing.assert_allclose(source.mix("A - B", GAINS, **window), expected, atol=1e-6)


def test_the_real_song_is_mixed_from_the_decoded_store(falcon: Path) -> None:
    source = recognise(falcon)
    window = {"start_samples": 12_345, "length_samples": 100_000}
    expected = plain(source.read("The Easton Ellises - Falcon 69", **window), GAINS)
    np.testing.assert_allclose(source.mix("The Easton Ellises - Falcon 69", GAINS, **window), expected, atol=1e-6)


def test_generated_songs_are_mixed_too() -> None:
    source = open_source("procedural")
    window = {"start_samples": 10 * RATE, "length_samples": RATE}
    expected = plain(source.read("study-00001", **window), GAINS)
    np.testing.assert_allclose(source.mix("study-00001", GAINS, **window), expected, atol=1e-6)


def test_gains_of_another_number_of_stems_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \[mixes, 4\]"):
        mix_stems(np.ones((4, 2, 10), np.float32), [[1.0, 2.0]])


def test_gains_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="no number"):
        mix_stems(np.ones((2, 2, 10), np.float32), [[1.0, np.nan]])


def test_a_mix_outside_the_track_is_refused(falcon: Path) -> None:
    with pytest.raises(WindowError):
        recognise(falcon).mix("The Easton Ellises - Falcon 69", [[1.0] * 4], start_samples=0, length_samples=10**9)
