"""A track that is a folder with one WAV file a stem, for every layout that stores stems that way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from datagen.sources.track import Audio, SourceError
from datagen.wav import WavError, WavLayout, read_layout, read_window, truncation

LENGTH_TOLERANCE = 1024
"""Lengths that differ by no more than one AAC frame come from encoders and are not worth a warning."""


@dataclass(frozen=True)
class WavStems:
    """The checked stems of a track."""

    layouts: tuple[WavLayout, ...]
    length_samples: int
    """Where every stem has samples."""
    sample_rate: int
    warnings: tuple[str, ...]


def check_wav_stems(files: Mapping[str, Path], stems: Sequence[str]) -> WavStems:
    """Check a track's files ({stem: path}). Raises SourceError that lists every problem of the track at once."""
    problems = [f"no {stem}.wav" for stem in stems if stem not in files]
    layouts: list[WavLayout] = []
    for stem in stems:
        if stem in files:
            try:
                layouts.append(_whole_layout(files[stem]))
            except (WavError, OSError) as error:
                problems.append(str(error))
    problems += _disagreements(layouts)
    if problems:
        raise SourceError("; ".join(problems))
    lengths = [layout.frames for layout in layouts]
    return WavStems(tuple(layouts), min(lengths), layouts[0].sample_rate, _length_warnings(stems, lengths))


def read_wav_stems(stems: WavStems, *, start_samples: int, length_samples: int) -> Audio:
    """A window of every stem, float32 [stems, 2, samples], read in place."""
    try:
        return np.stack(
            [
                read_window(layout, start_samples=start_samples, length_samples=length_samples)
                for layout in stems.layouts
            ]
        )
    except (WavError, OSError) as error:
        raise SourceError(str(error)) from error


def _whole_layout(path: Path) -> WavLayout:
    layout = read_layout(path)
    if problem := truncation(layout):
        raise WavError(f"{path.name}: {problem}")
    if layout.frames == 0:
        raise WavError(f"{path.name}: it holds no samples")
    return layout


def _disagreements(layouts: Sequence[WavLayout]) -> list[str]:
    rates = {layout.sample_rate for layout in layouts}
    if len(rates) <= 1:
        return []
    return ["different sample rates: " + ", ".join(f"{layout.path.name} {layout.sample_rate} Hz" for layout in layouts)]


def _length_warnings(stems: Sequence[str], lengths: Sequence[int]) -> tuple[str, ...]:
    if max(lengths) - min(lengths) <= LENGTH_TOLERANCE:
        return ()
    listed = ", ".join(f"{stem} {length:,}" for stem, length in zip(stems, lengths, strict=True))
    return (f"stems of different length, the shortest decides: {listed} frames",)
