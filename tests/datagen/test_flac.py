"""FLAC files: headers that lie and files that end early."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from datagen.flac import FlacError, read_flac_layout, read_flac_window
from tests.datagen.making_stems import noise


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "stem.flac"
    soundfile.write(file, noise(1, seconds=2.0).T, 44_100, subtype="PCM_24")
    return file


def with_claim(path: Path, frames: int) -> None:
    """Set the number of frames in the header (36 bits)."""
    content = bytearray(path.read_bytes())
    content[21] = content[21] & 0xF0 | frames >> 32
    content[22:26] = (frames & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(content)


def test_a_window_is_the_same_slice_of_the_whole(path: Path) -> None:
    expected, _ = soundfile.read(path, dtype="float32")
    window = read_flac_window(read_flac_layout(path), start_samples=12_345, length_samples=5000)
    np.testing.assert_array_equal(window, expected[12_345:17_345].T)


@pytest.mark.parametrize("frames", [2**36 - 1, 44_100 * 3600 * 3])
def test_a_header_that_claims_hours_is_refused(path: Path, frames: int) -> None:
    with_claim(path, frames)
    with pytest.raises(FlacError, match="hours, more than any song"):
        read_flac_layout(path)


def test_a_header_that_claims_no_length_is_refused(path: Path) -> None:
    with_claim(path, 0)
    with pytest.raises(FlacError):
        read_flac_layout(path)


def test_a_header_that_claims_more_than_there_is_is_refused(path: Path) -> None:
    with_claim(path, 44_100 * 60)
    with pytest.raises(FlacError, match=r"truncated or damaged|ends before"):
        read_flac_layout(path)


def test_a_half_copied_file_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FlacError, match=r"truncated or damaged|ends before"):
        read_flac_layout(path)


@pytest.mark.parametrize("content", [b"", b"fLaC", b"RIFF", b"fLaC" + bytes(200)])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "fake.flac"
    file.write_bytes(content)
    with pytest.raises(FlacError, match=r"fake\.flac"):
        read_flac_layout(file)


def test_a_window_past_the_end_is_refused(path: Path) -> None:
    with pytest.raises(FlacError, match="88,200 frames"):
        read_flac_window(read_flac_layout(path), start_samples=88_000, length_samples=500)
