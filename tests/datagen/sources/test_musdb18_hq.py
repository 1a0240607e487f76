"""MUSDB18-HQ's folders of WAV files, and every way in which one can be wrong."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import soundfile

from datagen.sources import SourceError, recognise
from tests.datagen.making_stems import four_stems, noise, tone, write_song_wavs

SONG = "Triviul - Angelsaint"


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """One song in train/."""
    folder = tmp_path / "musdb18hq" / "train" / SONG
    write_song_wavs(folder, four_stems(seconds=2.0))
    return folder


def only_reason(song: Path) -> str:
    (found,) = recognise(song.parents[1]).unusable()
    return found.reason


def test_stems_are_read_in_the_sources_order(song: Path) -> None:
    source = recognise(song.parents[1])
    assert source.name == "musdb18_hq"
    stems = source.read(SONG, start_samples=1000, length_samples=2000)
    for position, name in enumerate(("drums", "bass", "other", "vocals")):
        expected, _ = soundfile.read(song / f"{name}.wav", dtype="float32")
        np.testing.assert_array_equal(stems[position], expected[1000:3000].T)


def test_a_single_song_folder_is_recognised(song: Path) -> None:
    assert [track.key for track in recognise(song).tracks()] == [SONG]


def test_the_official_split_counts_whatever_the_folder(song: Path) -> None:
    (track,) = recognise(song.parents[1]).tracks()
    assert track.split == "validation"


def test_a_mixture_that_is_the_sum_is_reported_without_a_warning(song: Path) -> None:
    assert not recognise(song).mixture_note(SONG).startswith("warning")


def test_a_mixture_that_is_not_the_sum_is_a_warning_with_its_size(song: Path) -> None:
    soundfile.write(song / "mixture.wav", noise(9, seconds=2.0).T, 44_100)
    assert recognise(song).mixture_note(SONG).startswith("warning: mixture minus sum of stems: ")


def test_hidden_files_capitals_and_combining_accents_are_understood(tmp_path: Path) -> None:
    folder = tmp_path / unicodedata.normalize("NFD", "Müller - #1 50%?")
    write_song_wavs(folder, four_stems(seconds=1.0))
    (folder / "vocals.wav").rename(folder / "Vocals.WAV")
    (folder / "._vocals.wav").write_bytes(b"finder's litter")
    (track,) = recognise(tmp_path).tracks()
    assert track.key == unicodedata.normalize("NFC", "Müller - #1 50%?")
    assert recognise(tmp_path).read(track.key, start_samples=0, length_samples=100).shape == (4, 2, 100)


def test_all_problems_of_a_song_are_named_at_once(song: Path) -> None:
    (song / "bass.wav").unlink()
    (song / "other.wav").write_bytes(b"not audio")
    content = (song / "vocals.wav").read_bytes()
    (song / "vocals.wav").write_bytes(content[: 44 + 4 * 50_000])
    reason = only_reason(song)
    assert "no bass.wav" in reason
    assert "other.wav: not a WAV file" in reason
    assert "50,000 of 88,200 frames" in reason


def test_different_rates_are_refused(song: Path) -> None:
    soundfile.write(song / "bass.wav", tone(80, seconds=2.0, rate=48_000).T, 48_000)
    assert "different sample rates" in only_reason(song)


def test_stems_of_different_length_end_where_the_shortest_does(song: Path) -> None:
    soundfile.write(song / "bass.wav", tone(80, seconds=1.5).T, 44_100)
    (track,) = recognise(song).tracks()
    assert track.length_samples == round(1.5 * 44_100)
    assert any("different length" in warning for warning in track.warnings)
    with pytest.raises(SourceError, match="the track has 0 to 66150"):
        recognise(song).read(SONG, start_samples=60_000, length_samples=10_000)


def test_a_stem_that_links_out_of_the_root_is_refused(song: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.wav"
    soundfile.write(outside, tone(80, seconds=2.0).T, 44_100)
    (song / "bass.wav").unlink()
    (song / "bass.wav").symlink_to(outside)
    assert "leads out of the folder" in only_reason(song)


def test_nan_in_a_stem_is_named_when_it_is_read(song: Path) -> None:
    audio = tone(80, seconds=2.0)
    audio[1, 5000] = np.nan
    soundfile.write(song / "bass.wav", audio.T, 44_100, subtype="FLOAT")
    with pytest.raises(SourceError, match=r"bass\.wav: holds values that are no numbers"):
        recognise(song).read(SONG, start_samples=0, length_samples=10_000)


@pytest.mark.parametrize("content", ["nothing", "other wavs"])
def test_a_folder_without_tracks_says_what_was_looked_for(tmp_path: Path, content: str) -> None:
    if content == "other wavs":
        soundfile.write(tmp_path / "take 1.wav", tone(80, seconds=0.1).T, 44_100)
    with pytest.raises(SourceError, match=r"no tracks found; looked for: .*\.stem\.mp4.*drums\.wav"):
        recognise(tmp_path)


@pytest.mark.parametrize(("extra", "warned"), [(1024, False), (1025, True)])
def test_lengths_may_differ_by_one_aac_frame(song: Path, extra: int, *, warned: bool) -> None:
    audio = np.pad(tone(80, seconds=2.0), ((0, 0), (0, extra)))
    soundfile.write(song / "bass.wav", audio.T, 44_100)
    (track,) = recognise(song).tracks()
    assert track.length_samples == 2 * 44_100
    assert any("different length" in warning for warning in track.warnings) == warned


def test_the_song_of_the_errata_is_left_out(song: Path) -> None:
    song.rename(song.with_name("PR - Oh No"))
    assert recognise(song.parents[1]).tracks() == ()
    assert "errata" in only_reason(song.with_name("PR - Oh No"))


def test_the_mixture_is_no_stem(song: Path) -> None:
    (track,) = recognise(song).tracks()
    assert track.stems == ("drums", "bass", "other", "vocals")
    assert not any(path.name == "mixture.wav" for path in track.source_files)
