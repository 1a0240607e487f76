"""Slakh2100's layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datagen.sources import recognise
from tests.datagen.making_layouts import write_slakh
from tests.datagen.making_stems import noise, tone

SOURCES = [
    ("Drums", True, noise(1, seconds=1.0)),
    ("Bass", False, tone(80, seconds=1.0)),
    ("Guitar", False, tone(300, seconds=1.0)),
    ("Piano", False, tone(500, seconds=1.0)),
]


def test_mono_sources_are_summed_and_play_on_both_channels(tmp_path: Path) -> None:
    write_slakh(tmp_path / "train" / "Track00001", SOURCES)
    source = recognise(tmp_path)
    audio = source.read("Track00001", start_samples=10, length_samples=1000)
    other = SOURCES[2][2][:1, 10:1010] + SOURCES[3][2][:1, 10:1010]
    np.testing.assert_allclose(audio[2], np.broadcast_to(other, (2, 1000)), atol=2**-14)
    assert not audio[3].any()


def test_its_tracks_are_marked_as_no_reference(tmp_path: Path) -> None:
    write_slakh(tmp_path / "train" / "Track00001", SOURCES)
    (track,) = recognise(tmp_path).tracks()
    assert not track.balanced
    assert any("pre-training only" in warning for warning in track.warnings)


def test_the_split_is_the_folders_or_the_numbers(tmp_path: Path) -> None:
    write_slakh(tmp_path / "redux" / "validation" / "Track01876", SOURCES)
    write_slakh(tmp_path / "flat" / "Track01876", SOURCES)
    assert [track.split for track in recognise(tmp_path / "redux").tracks()] == ["validation"]
    assert [track.split for track in recognise(tmp_path / "flat").tracks()] == ["test"]


def test_a_lying_flac_is_named(tmp_path: Path) -> None:
    write_slakh(tmp_path / "Track00001", SOURCES)
    path = tmp_path / "Track00001" / "stems" / "S01.flac"
    content = bytearray(path.read_bytes())
    content[21] |= 0x0F
    content[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(content)
    (found,) = recognise(tmp_path).unusable()
    assert "S01.flac: its header claims 432.9 hours" in found.reason


def test_metadata_that_are_no_yaml_are_named(tmp_path: Path) -> None:
    write_slakh(tmp_path / "Track00001", SOURCES)
    (tmp_path / "Track00001" / "metadata.yaml").write_text("stems: [unclosed")
    (found,) = recognise(tmp_path).unusable()
    assert "metadata.yaml: no valid YAML" in found.reason


def test_all_problems_of_a_track_are_named_at_once(tmp_path: Path) -> None:
    write_slakh(tmp_path / "Track00001", SOURCES)
    (tmp_path / "Track00001" / "stems" / "S01.flac").write_bytes(b"not audio")
    (tmp_path / "Track00001" / "stems" / "S02.flac").unlink()
    (found,) = recognise(tmp_path).unusable()
    assert "S01.flac: not a FLAC file" in found.reason
    assert "S02.flac: cannot be read" in found.reason


def test_its_songs_may_be_served_and_published(tmp_path: Path) -> None:
    write_slakh(tmp_path / "Track00001", SOURCES)
    (track,) = recognise(tmp_path).tracks()
    assert (track.licence, track.may_serve, track.may_publish) == ("CC BY 4.0", True, True)


def test_its_mixture_is_compared_and_no_stem(tmp_path: Path) -> None:
    write_slakh(tmp_path / "Track00001", SOURCES)
    source = recognise(tmp_path)
    assert source.mixture_note("Track00001").startswith("mixture minus sum of stems: -")
    assert not any(path.name == "mix.flac" for path in source.tracks()[0].source_files)
