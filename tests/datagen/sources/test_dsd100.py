"""DSD100's layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datagen.sources import recognise
from tests.datagen.making_layouts import write_dsd100
from tests.datagen.making_stems import four_stems

UNKNOWN = "012 - Some Band - Some Title"
SHARED = "055 - Angels In Amplifiers - I'm Alright"


def dataset(tmp_path: Path) -> Path:
    write_dsd100(tmp_path, UNKNOWN, four_stems(seconds=1.0))
    write_dsd100(tmp_path, SHARED, four_stems(seconds=1.0), split="Dev")
    return tmp_path


def test_songs_are_found_without_their_number_and_read_in_order(tmp_path: Path) -> None:
    source = recognise(dataset(tmp_path))
    assert source.name == "dsd100"
    assert [track.key for track in source.tracks()] == ["Angels In Amplifiers - I'm Alright", "Some Band - Some Title"]
    stems = source.read("Some Band - Some Title", start_samples=0, length_samples=1000)
    expected = np.stack(list(four_stems(seconds=1.0).values()))[..., :1000]
    np.testing.assert_allclose(stems, expected, atol=2**-15)


def test_a_song_that_musdb18_tests_on_is_not_trained_on_here(tmp_path: Path) -> None:
    tracks = {track.key: track for track in recognise(dataset(tmp_path)).tracks()}
    assert tracks["Angels In Amplifiers - I'm Alright"].split == "test"
    assert "also in MUSDB18" in tracks["Angels In Amplifiers - I'm Alright"].warnings[-1]
    assert tracks["Some Band - Some Title"].split == "train"


def test_its_songs_may_neither_be_served_nor_published(tmp_path: Path) -> None:
    assert {(t.may_serve, t.may_publish, t.licence) for t in recognise(dataset(tmp_path)).tracks()} == {
        (False, False, "restricted")
    }


def test_the_mixture_apart_is_compared_with_the_sum(tmp_path: Path) -> None:
    note = recognise(dataset(tmp_path)).mixture_note("Some Band - Some Title")
    assert note.startswith("mixture minus sum of stems: -")
