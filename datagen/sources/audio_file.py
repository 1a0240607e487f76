"""One audio file of a track, WAV or FLAC, behind the same three facts and one read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datagen.flac import FlacError, FlacLayout, read_flac_layout, read_flac_window
from datagen.sources.track import Audio, SourceError
from datagen.wav import WavError, WavLayout, read_layout, read_window, truncation

SUFFIXES = (".wav", ".flac")
"""Endings of the files that can be read, in small letters."""


@dataclass(frozen=True)
class AudioFile:
    """A checked audio file."""

    layout: WavLayout | FlacLayout

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.layout.path

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return self.layout.sample_rate

    @property
    def frames(self) -> int:
        """Samples per channel."""
        return self.layout.frames

    def read(self, *, start_samples: int, length_samples: int) -> Audio:
        """A window, float32 [2, samples]; mono is played on both channels. Raises SourceError."""
        window = {"start_samples": start_samples, "length_samples": length_samples}
        try:
            if isinstance(self.layout, WavLayout):
                return read_window(self.layout, **window)
            return read_flac_window(self.layout, **window)
        except (WavError, FlacError) as error:
            raise SourceError(str(error)) from error


def open_audio(path: Path) -> AudioFile:
    """Check an audio file's header against the file. Raises SourceError saying what is wrong."""
    try:
        return AudioFile(_layout(path))
    except (WavError, FlacError) as error:
        raise SourceError(str(error)) from error
    except OSError as error:
        raise SourceError(f"{path.name}: cannot be read ({error.strerror or error})") from error


def _layout(path: Path) -> WavLayout | FlacLayout:
    if path.suffix.lower() == ".flac":
        return read_flac_layout(path)
    layout = read_layout(path)
    if problem := truncation(layout):
        raise WavError(f"{path.name}: {problem}")
    if layout.frames == 0:
        raise WavError(f"{path.name}: it holds no samples")
    return layout
