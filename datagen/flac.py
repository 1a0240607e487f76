"""FLAC files read by windows: the header's claim is checked before anything is allocated for it.

A FLAC header may claim 2^36 samples in a file of a few kilobytes, and silence packs by a factor of some thousand; so
lengths beyond a song's are refused, and the last sample claimed must be there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

MAX_SECONDS = 2 * 3600


class FlacError(ValueError):
    """The file is no FLAC file that can be used; the message says why."""


@dataclass(frozen=True)
class FlacLayout:
    """What a FLAC file holds."""

    path: Path
    sample_rate: int
    channels: int
    frames: int


def read_flac_layout(path: Path) -> FlacLayout:
    """The layout of a FLAC file. Raises FlacError for other files, lying headers and truncated files."""
    with path.open("rb") as file:
        if file.read(4) != b"fLaC":
            raise FlacError(f"{path.name}: not a FLAC file")
    try:
        with soundfile.SoundFile(path) as file:
            layout = FlacLayout(path, file.samplerate, file.channels, file.frames)
            _check_claims(layout)
            file.seek(layout.frames - 1)
            if len(file.read(1, dtype="float32")) != 1:
                raise FlacError(f"{path.name}: it ends before the {layout.frames:,} frames that its header claims")
    except soundfile.LibsndfileError as error:
        raise FlacError(f"{path.name}: truncated or damaged ({error.error_string})") from error
    return layout


def read_flac_window(layout: FlacLayout, *, start_samples: int, length_samples: int) -> NDArray[np.float32]:
    """A window as float32 [2, samples]; a mono file is played on both channels. Raises FlacError."""
    if start_samples < 0 or start_samples + length_samples > layout.frames:
        raise FlacError(f"{layout.path.name}: it has {layout.frames:,} frames, the window ends past them")
    try:
        with soundfile.SoundFile(layout.path) as file:
            file.seek(start_samples)
            audio = file.read(length_samples, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise FlacError(f"{layout.path.name}: damaged ({error.error_string})") from error
    if len(audio) != length_samples:
        raise FlacError(f"{layout.path.name}: damaged, {len(audio):,} of {length_samples:,} frames could be read")
    return np.ascontiguousarray(np.broadcast_to(audio.T, (2, length_samples)))


def _check_claims(layout: FlacLayout) -> None:
    name = layout.path.name
    if layout.channels not in (1, 2):
        raise FlacError(f"{name}: {layout.channels} channels, expected 1 or 2")
    if not 8_000 <= layout.sample_rate <= 192_000:
        raise FlacError(f"{name}: a sample rate of {layout.sample_rate} Hz")
    if layout.frames < 1:
        raise FlacError(f"{name}: it holds no samples")
    if layout.frames > MAX_SECONDS * layout.sample_rate:
        hours = layout.frames / layout.sample_rate / 3600
        raise FlacError(f"{name}: its header claims {hours:,.1f} hours, more than any song")
