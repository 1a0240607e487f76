"""WAV files read in place: the header is checked against the file's size, then samples are mapped.

PCM of 16, 24 or 32 bits and 32-bit float, RIFF and RF64. Format: Microsoft RIFF WAVE, EBU Tech 3306.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
RF64_UNKNOWN = 0xFFFFFFFF
MAX_CHUNKS = 1000


class WavError(ValueError):
    """The file is no WAV file that can be used; the message says why."""


@dataclass(frozen=True)
class WavLayout:
    """Where the samples of a WAV file are and what they mean."""

    path: Path
    sample_rate: int
    channels: int
    encoding: str
    """`pcm16`, `pcm24`, `pcm32` or `float32`."""
    data_offset: int
    frames: int
    """Frames that are in the file."""
    claimed_frames: int
    """Frames that the header claims; more than `frames` when the file is half-copied."""


ENCODINGS = {(PCM, 16): "pcm16", (PCM, 24): "pcm24", (PCM, 32): "pcm32", (FLOAT, 32): "float32"}
BYTES = {"pcm16": 2, "pcm24": 3, "pcm32": 4, "float32": 4}


def read_layout(path: Path) -> WavLayout:
    """The layout of a WAV file from its header. Raises WavError for other files and unusable formats."""
    file_bytes = path.stat().st_size
    with path.open("rb") as file:
        format_chunk, data_offset, data_bytes = _find_chunks(file, file_bytes, path.name)
    encoding, channels, sample_rate = _format(format_chunk, path.name)
    frame_bytes = BYTES[encoding] * channels
    present = min(data_bytes, file_bytes - data_offset)
    return WavLayout(
        path, sample_rate, channels, encoding, data_offset, present // frame_bytes, data_bytes // frame_bytes
    )


def truncation(layout: WavLayout) -> str:
    """How much of a half-copied file is there ("100,000 of 441,000 frames"), or an empty string."""
    if layout.frames == layout.claimed_frames:
        return ""
    return f"{layout.frames:,} of {layout.claimed_frames:,} frames: the file is truncated, copy it again"


def read_window(layout: WavLayout, *, start_samples: int, length_samples: int) -> NDArray[np.float32]:
    """A window as float32 [2, samples], full scale 1.0; a mono file is played on both channels.

    Raises WavError when the window is not in the file or holds values that are no numbers.
    """
    interleaved = np.empty(2 * length_samples, np.float32)
    fill_interleaved(layout, start_samples, interleaved)
    window = np.empty((2, length_samples), np.float32)
    np.multiply(interleaved.reshape(length_samples, 2).T, full_scale(layout), out=window)
    if layout.encoding == "float32" and not np.isfinite(window).all():
        raise WavError(f"{layout.path.name}: holds values that are no numbers (NaN or infinity)")
    return window


def fill_interleaved(layout: WavLayout, start_samples: int, out: NDArray[np.float32]) -> None:
    """Write frames from `start_samples` on into out [frames * 2], left and right in turns, in the file's own scale.

    Raises WavError when the frames are not in the file.
    """
    n_frames = out.size // 2
    if start_samples < 0 or start_samples + n_frames > layout.frames:
        raise WavError(f"{layout.path.name}: it has {layout.frames:,} frames, the window ends past them")
    raw = _mapped(layout)[start_samples : start_samples + n_frames]
    if layout.encoding == "pcm24":
        raw = _int24(raw.view(np.uint8).reshape(n_frames, layout.channels, 3))
    np.copyto(out.reshape(n_frames, 2), raw, casting="unsafe")


def full_scale(layout: WavLayout) -> np.float32:
    """What the file's own values are multiplied with to make full scale 1.0."""
    return np.float32({"pcm16": 2.0**-15, "pcm24": 2.0**-31, "pcm32": 2.0**-31, "float32": 1.0}[layout.encoding])


def _find_chunks(file: BinaryIO, file_bytes: int, name: str) -> tuple[bytes, int, int]:
    head = file.read(12)
    if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        raise WavError(f"{name}: not a WAV file")
    position, format_chunk, long_data_bytes = 12, b"", 0
    for _ in range(MAX_CHUNKS):
        file.seek(position)
        chunk = file.read(8)
        if len(chunk) < 8:
            break
        kind, size = struct.unpack("<4sI", chunk)
        if kind == b"ds64":
            long_data_bytes = int.from_bytes(file.read(16)[8:], "little")
        elif kind == b"fmt ":
            format_chunk = file.read(min(size, 64))
        elif kind == b"data":
            data_bytes = long_data_bytes if size == RF64_UNKNOWN and head[:4] == b"RF64" else size
            return format_chunk, position + 8, data_bytes
        position += 8 + size + size % 2
        if position > file_bytes:
            break
    raise WavError(f"{name}: it holds no audio data (no data chunk within {file_bytes:,} bytes)")


def _format(chunk: bytes, name: str) -> tuple[str, int, int]:
    if len(chunk) < 16:
        raise WavError(f"{name}: its format description is missing or cut off")
    tag, channels, sample_rate, _, _, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == EXTENSIBLE and len(chunk) >= 26:
        tag = struct.unpack("<H", chunk[24:26])[0]
    encoding = ENCODINGS.get((tag, bits))
    if encoding is None:
        raise WavError(f"{name}: format {tag} with {bits} bits; usable are PCM of 16, 24 or 32 bits and 32-bit float")
    if channels not in (1, 2):
        raise WavError(f"{name}: {channels} channels, expected 1 or 2")
    if not 8_000 <= sample_rate <= 192_000:
        raise WavError(f"{name}: a sample rate of {sample_rate} Hz")
    return encoding, channels, sample_rate


@lru_cache(maxsize=64)
def _mapped(layout: WavLayout) -> NDArray[np.generic]:
    kinds = {"pcm16": "<i2", "pcm24": "u1", "pcm32": "<i4", "float32": "<f4"}
    width = layout.channels * (3 if layout.encoding == "pcm24" else 1)
    return np.memmap(
        layout.path, kinds[layout.encoding], mode="r", offset=layout.data_offset, shape=(layout.frames, width)
    )


def _int24(raw: NDArray[np.uint8]) -> NDArray[np.int32]:
    wide = np.zeros((*raw.shape[:-1], 4), np.uint8)
    wide[..., 1:] = raw
    return wide.view("<i4")[..., 0]
