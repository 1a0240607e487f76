"""MUSDB18's stem files as a source: the real song, the folder layout, and files that cannot be used."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from datagen.requests import ExcerptRef, TrackRef
from datagen.sources import UnknownTrackError, WindowError, open_source, read_excerpt, recognise, track_of
from datagen.stem_mp4 import open_stem_mp4
from tests.datagen.making_stems import four_stems, write_song_mp4


def test_the_real_song_carries_its_licence_and_credit(falcon: Path) -> None:
    (track,) = recognise(falcon).tracks()
    assert track.key == "The Easton Ellises - Falcon 69"
    assert (track.artist, track.title, track.genre, track.split) == (
        "The Easton Ellises",
        "Falcon 69",
        "Pop/Rock",
        "test",
    )
    assert track.attribution == "The Easton Ellises - Falcon 69 (CC BY-NC-SA 3.0)"
    assert (track.may_serve, track.may_publish) == (True, False)
    assert (track.sample_rate, track.length_samples) == (44_100, 268_288)
    assert track.source_sha256 == "874a2552f4d6e2421789e9816f0db58337e97e20539579e34a6100029e3cde5d"


def test_its_folder_is_recognised_as_well(falcon: Path) -> None:
    assert [track.title for track in recognise(falcon.parent).tracks()] == ["Falcon 69"]


def test_an_excerpt_is_read_at_the_tracks_rate_or_resampled(falcon: Path) -> None:
    excerpt = ExcerptRef(TrackRef("musdb18", "The Easton Ellises - Falcon 69", str(falcon)), 44_100, 88_200, 44_100)
    expected = open_stem_mp4(falcon).read(start_samples=44_100, length_samples=88_200)
    np.testing.assert_array_equal(read_excerpt(excerpt), expected)
    assert read_excerpt(excerpt, sample_rate=8_000).shape == (4, 2, 16_000)


def test_an_excerpt_counted_at_another_rate_is_refused(falcon: Path) -> None:
    excerpt = ExcerptRef(TrackRef("musdb18", "The Easton Ellises - Falcon 69", str(falcon)), 0, 48_000, 48_000)
    with pytest.raises(WindowError, match="48000 Hz, the track has 44100 Hz"):
        read_excerpt(excerpt)


@pytest.mark.parametrize(("start", "length"), [(-1, 100), (268_000, 1000), (0, 0), (0, -5)])
def test_a_window_outside_the_track_is_refused(falcon: Path, start: int, length: int) -> None:
    source = recognise(falcon)
    with pytest.raises(WindowError, match="the track has 0 to 268288"):
        source.read("The Easton Ellises - Falcon 69", start_samples=start, length_samples=length)


def test_an_unknown_track_is_named_with_those_there_are(falcon: Path) -> None:
    with pytest.raises(UnknownTrackError, match=r"no track 'Nope'.*Falcon 69"):
        track_of(TrackRef("musdb18", "Nope", str(falcon)))


@pytest.fixture
def dataset(tmp_path: Path, falcon: Path) -> Path:
    """train/ and test/ with real song names, one of them excluded by the errata, and some litter."""
    for folder in ("train", "test"):
        (tmp_path / "musdb18" / folder).mkdir(parents=True)
    root = tmp_path / "musdb18"
    song = tmp_path / "song.mp4"
    write_song_mp4(song, four_stems(seconds=1.0))
    for name in ("train/Leaf - Wicked", "train/Triviul - Angelsaint", "test/PR - Oh No", "train/My Band - Our Song"):
        shutil.copy(song, root / f"{name}.stem.mp4")
    shutil.copy(falcon, root / "test")
    (root / "train" / "._Leaf - Wicked.stem.mp4").write_bytes(b"finder's litter")
    (root / "train" / "Broken - Song.stem.mp4").write_bytes(falcon.read_bytes()[:300_000])
    return root


def test_a_dataset_has_the_official_splits_errata_and_exclusions(dataset: Path) -> None:
    source = recognise(dataset)
    tracks = {track.key: track for track in source.tracks()}
    assert {key: track.split for key, track in tracks.items()} == {
        "Leaf - Wicked": "train",
        "Triviul - Angelsaint": "validation",
        "The Easton Ellises - Falcon 69": "test",
        "My Band - Our Song": "train",
    }
    assert any("guitar is in `drums`" in warning for warning in tracks["Leaf - Wicked"].warnings)
    assert {found.name for found in source.unusable()} == {"PR - Oh No", "Broken - Song"}


def test_an_excluded_song_can_be_kept(dataset: Path) -> None:
    keys = [track.key for track in open_source("musdb18", dataset, keep_excluded=True).tracks()]
    assert "PR - Oh No" in keys


def test_restricted_and_unknown_songs_may_not_be_served(dataset: Path) -> None:
    tracks = {track.key: track for track in recognise(dataset).tracks()}
    assert tracks["Leaf - Wicked"].licence == "restricted"
    assert not tracks["Leaf - Wicked"].may_serve
    assert tracks["My Band - Our Song"].licence == "unknown"
    assert not tracks["My Band - Our Song"].may_serve


def test_a_link_out_of_the_folder_is_refused(dataset: Path, falcon: Path) -> None:
    (dataset / "train" / "Linked - Song.stem.mp4").symlink_to(falcon)
    reasons = {found.name: found.reason for found in recognise(dataset).unusable()}
    assert "leads out of the folder" in reasons["Linked - Song"]


def test_links_can_be_allowed(dataset: Path, falcon: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (dataset / "train" / "Linked - Song.stem.mp4").symlink_to(falcon)
    monkeypatch.setenv("MIXTRIAL_FOLLOW_LINKS", "1")
    assert "Linked - Song" in {track.key for track in recognise(dataset).tracks()}


def test_a_root_that_is_a_link_is_followed(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(dataset)
    assert len(recognise(tmp_path / "link").tracks()) == 4


def test_the_same_song_twice_is_used_once(dataset: Path) -> None:
    shutil.copy(dataset / "train" / "Leaf - Wicked.stem.mp4", dataset / "test")
    source = recognise(dataset)
    assert sum(track.key == "Leaf - Wicked" for track in source.tracks()) == 1
    assert any(found.reason.startswith("the same track was found twice") for found in source.unusable())
