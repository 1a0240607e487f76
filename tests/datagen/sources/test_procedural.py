"""Generated songs as a source."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.requests import TrackRef
from datagen.sources import SourceError, UnknownTrackError, WindowError, open_source, track_of

KEY = "study-00001"


def test_a_generated_song_may_be_served_and_published() -> None:
    track = track_of(TrackRef("procedural", KEY))
    assert (track.may_serve, track.may_publish, track.licence, track.split) == (True, True, "CC0-1.0", "study")
    assert len(track.source_sha256) == 64


def test_songs_of_every_split_are_listed_and_different() -> None:
    tracks = open_source("procedural").tracks()
    assert {track.split for track in tracks} == {"train", "validation", "test", "study"}
    assert len({track.source_sha256 for track in tracks}) == len(tracks)


def test_a_window_is_the_same_whenever_it_is_read() -> None:
    source = open_source("procedural")
    first = source.read(KEY, start_samples=100_000, length_samples=44_100)
    assert first.dtype == np.float32
    assert first.shape == (4, 2, 44_100)
    np.testing.assert_array_equal(first, source.read(KEY, start_samples=100_000, length_samples=44_100))


def test_another_rate_gives_the_same_stretch_of_time() -> None:
    assert open_source("procedural").read(
        KEY, start_samples=44_100, length_samples=44_100, sample_rate=8_000
    ).shape == (
        4,
        2,
        8_000,
    )


def test_sections_cover_the_song() -> None:
    track = track_of(TrackRef("procedural", KEY))
    assert track.passage_at(0) is not None
    assert track.passage_at(track.length_samples - 44_100) is not None


def test_unknown_songs_and_windows_outside_are_refused() -> None:
    with pytest.raises(UnknownTrackError, match="unknown song"):
        track_of(TrackRef("procedural", "nope"))
    with pytest.raises(WindowError):
        open_source("procedural").read(KEY, start_samples=10**9, length_samples=100)


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    with pytest.raises(SourceError, match=r"unknown source 'spotify'; expected one of procedural, .*musdb18_hq"):
        open_source("spotify", "x")
