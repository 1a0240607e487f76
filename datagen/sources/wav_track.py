"""A track that is a folder with one WAV file a stem, for every layout that stores stems that way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from datagen.mixing import mix_blocks
from datagen.sources.track import Audio, SourceError
from datagen.wav import (
    WavError,
    WavLayout,
    fill_interleaved,
    full_scale,
    read_layout,
    read_window,
    truncation,
)

LENGTH_TOLERANCE = 1024
"""Lengths that differ by no more than one AAC frame come from encoders and are not worth a warning."""
SUM_TOLERANCE_DB = -60.0
"""A mixture of uncompressed stems equals their sum to this, or there is a warning."""
PIECE_S = 30


@dataclass(frozen=True)
class WavStems:
    """The checked stems of a track, read in place."""

    layouts: tuple[WavLayout, ...]
    length_samples: int
    """Where every stem has samples."""
    sample_rate: int
    warnings: tuple[str, ...]
    mixture: Path | None = None
    """The track's own mixture, for comparison; never a stem."""

    def read(self, *, start_samples: int, length_samples: int) -> Audio:
        """A window of every stem, float32 [stems, 2, samples]."""
        window = {"start_samples": start_samples, "length_samples": length_samples}
        try:
            return np.stack([read_window(layout, **window) for layout in self.layouts])
        except WavError as error:
            raise SourceError(str(error)) from error

    def mix(self, gains_linear: ArrayLike, *, start_samples: int, length_samples: int) -> Audio:
        """Mixes of a window, float32 [mixes, 2, samples], for gains [mixes, stems], made while the files are read."""
        scales = np.array([full_scale(layout) for layout in self.layouts])

        def fill(start: int, out: Audio) -> None:
            for layout, row in zip(self.layouts, out, strict=True):
                fill_interleaved(layout, start_samples + start, row)

        try:
            gains = np.atleast_2d(np.asarray(gains_linear, np.float32)) * scales
            mixes = mix_blocks(fill, gains, n_stems=len(self.layouts), n_frames=length_samples)
        except WavError as error:
            raise SourceError(str(error)) from error
        if any(layout.encoding == "float32" for layout in self.layouts) and not np.isfinite(mixes).all():
            raise SourceError(f"{self.layouts[0].path.parent.name}: holds values that are no numbers (NaN or infinity)")
        return mixes

    def decode_notes(self) -> tuple[str, ...]:
        """Nothing: the files are read in place."""
        return ()

    def mixture_note(self) -> str:
        """How far mixture and sum of stems are apart, in words."""
        if self.mixture is None:
            return ""
        try:
            residual_db = _residual_db(self, read_layout(self.mixture))
        except (WavError, OSError) as error:
            return f"its mixture cannot be compared: {error}"
        mark = "warning: " if residual_db > SUM_TOLERANCE_DB else ""
        return f"{mark}mixture minus sum of stems: {residual_db:.1f} dB re the mixture"


def check_wav_stems(files: Mapping[str, Path], stems: Sequence[str], *, mixture: Path | None = None) -> WavStems:
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
    return WavStems(tuple(layouts), min(lengths), layouts[0].sample_rate, _length_warnings(stems, lengths), mixture)


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


def _residual_db(stems: WavStems, mixture: WavLayout) -> float:
    """Energy of mixture minus sum of stems relative to the mixture, in dB, over their common length.

    Raises WavError when they have different sample rates.
    """
    if mixture.sample_rate != stems.sample_rate:
        raise WavError(f"{mixture.path.name} has {mixture.sample_rate} Hz, the stems have {stems.sample_rate} Hz")
    piece, length = PIECE_S * stems.sample_rate, min(stems.length_samples, mixture.frames)
    whole = rest = 0.0
    for start in range(0, length, piece):
        window = {"start_samples": start, "length_samples": min(piece, length - start)}
        mix = read_window(mixture, **window).astype(np.float64)
        residual = mix - stems.read(**window).sum(axis=0, dtype=np.float64)
        whole += float(np.vdot(mix, mix))
        rest += float(np.vdot(residual, residual))
    return 10 * math.log10(max(rest, 1e-20) / max(whole, 1e-20))
