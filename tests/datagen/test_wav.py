"""WAV files read in place, and headers that say more than the file holds."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datagen.wav import WavError, read_layout, read_window, truncation
from tests.datagen.making_stems import noise, tone


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_encoding_reads_as_libsndfile_reads_it(tmp_path: Path, subtype: str, channels: int) -> None:
    path = tmp_path / "stem.wav"
    soundfile.write(path, noise(1, seconds=0.5, peak=0.9)[:channels].T, 44_100, subtype=subtype)
    expected, _ = soundfile.read(path, dtype="float32", always_2d=True)
    window = read_window(read_layout(path), start_samples=1000, length_samples=5000)
    np.testing.assert_array_equal(window, np.broadcast_to(expected[1000:6000].T, (2, 5000)))


def test_a_mono_file_plays_on_both_channels(tmp_path: Path) -> None:
    path = tmp_path / "mono.wav"
    soundfile.write(path, tone(440, seconds=0.1)[0], 44_100)
    left, right = read_window(read_layout(path), start_samples=0, length_samples=4410)
    np.testing.assert_array_equal(left, right)


def test_chunks_before_and_after_the_audio_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "tagged.wav"
    soundfile.write(path, tone(440, seconds=0.1).T, 44_100)
    content = path.read_bytes()
    path.write_bytes(content[:12] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + content[12:] + b"id3 \x04\0\0\0TAGS")
    assert read_layout(path).frames == 4410


def test_a_half_copied_file_says_how_much_is_there(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, np.zeros((441_000, 2), np.int16), 44_100)
    path.write_bytes(path.read_bytes()[: 44 + 100_000 * 4])
    layout = read_layout(path)
    assert (layout.frames, layout.claimed_frames) == (100_000, 441_000)
    assert truncation(layout).startswith("100,000 of 441,000 frames")


def test_a_window_past_the_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, tone(440, seconds=0.1).T, 44_100)
    with pytest.raises(WavError, match="4,410 frames"):
        read_window(read_layout(path), start_samples=4000, length_samples=500)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path: Path, value: float) -> None:
    path = tmp_path / "nan.wav"
    audio = tone(440, seconds=0.1)
    audio[0, 77] = value
    soundfile.write(path, audio.T, 44_100, subtype="FLOAT")
    with pytest.raises(WavError, match="no numbers"):
        read_window(read_layout(path), start_samples=0, length_samples=4410)


@pytest.mark.parametrize(
    ("subtype", "channels", "message"),
    [("ULAW", 2, "format 7"), ("DOUBLE", 2, "64 bits"), ("PCM_U8", 2, "8 bits"), ("PCM_16", 6, "6 channels")],
)
def test_unusable_formats_are_named(tmp_path: Path, subtype: str, channels: int, message: str) -> None:
    path = tmp_path / "odd.wav"
    soundfile.write(path, np.zeros((100, channels)), 44_100, subtype=subtype)
    with pytest.raises(WavError, match=message):
        read_layout(path)


@pytest.mark.parametrize("content", [b"", b"fLaC" + bytes(100), b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEdata"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fake.wav"
    path.write_bytes(content)
    with pytest.raises(WavError, match=r"fake\.wav"):
        read_layout(path)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), max_size=8), cut=st.integers(0, 300))
def test_a_damaged_header_is_refused_or_read_within_the_file(
    tmp_path: Path, edits: list[tuple[int, int]], cut: int
) -> None:
    path = tmp_path / "damaged.wav"
    soundfile.write(path, np.zeros((50, 2), np.int16), 44_100)
    content = bytearray(path.read_bytes())
    for position, value in edits:
        content[position] = value
    path.write_bytes(content[: len(content) - cut])
    try:
        layout = read_layout(path)
    except WavError:
        return
    window = read_window(layout, start_samples=0, length_samples=layout.frames) if layout.frames else np.zeros((2, 0))
    assert window.shape[1] * 2 <= path.stat().st_size


@pytest.mark.parametrize("n_bytes", range(20, 36))
def test_a_long_file_cut_off_inside_its_size_chunk_is_refused(tmp_path: Path, n_bytes: int) -> None:
    path = tmp_path / "fake.wav"
    path.write_bytes((b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0" + bytes(28))[:n_bytes])
    with pytest.raises(WavError, match=r"fake\.wav"):
        read_layout(path)
