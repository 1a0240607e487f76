"""The mel power of any mix of a window's stems, from an exact form that is computed once.

In every mel bin of every frame the power of a mix with gains g is g'Gg, where G holds the mel-weighted products of the
stems' spectra (their cross-mel matrices). Stored is the triangular factor L with G = LL': as many numbers, and the
power becomes a sum of squares, |L'g|^2. Where stems cancel, the plain form loses in float32 what it subtracts; a sum of
squares cannot turn negative and is a hundred times closer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from training.cross_mel import pair_index
from training.features import FeatureSettings, Floats, fill_window, mel_filters, spectra

NEGLIGIBLE = 1e-14
"""Share of a stem's power below which what the other stems leave of it is rounding: 140 dB."""


@dataclass(frozen=True)
class WindowMel:
    """One window of stems, ready for mixes of any gains."""

    factors: Floats
    """[pairs, mel bands * heard frames], pairs (k, i) in the order of `pair_index`: row i of column k of L."""
    stems: int
    heard_frames: int
    """Frames before the silence that ends every stem; later ones are not stored."""
    settings: FeatureSettings

    @cached_property
    def columns(self) -> tuple[torch.Tensor, ...]:
        """The columns of L in every bin, views [mel bands * heard frames, stems - k] for column k."""
        factors = torch.from_numpy(self.factors)
        return tuple(column.t() for column in torch.split(factors, list(range(self.stems, 0, -1))))


def measure_window(mono_stems: Floats, *, settings: FeatureSettings) -> WindowMel:
    """What mixes of these stems need, from stems float32 [stems, samples] at the front end's sample rate.

    Short stems are filled up as the front end does. Takes as long as some twenty plain spectrograms and 4 bytes a
    pair, band and frame (15 MB for four stems of 30 s in Whisper's front end). Raises ClipTooLongError.
    """
    spectrum = spectra(fill_window(mono_stems, settings=settings).astype(np.float64), settings=settings)
    heard = _heard_frames(spectrum)
    gram = _gram(spectrum[:, :heard], settings=settings)
    return WindowMel(_factors(gram, stems=len(mono_stems)), len(mono_stems), heard, settings)


def _heard_frames(spectrum: NDArray[np.complex64]) -> int:
    sounding = np.flatnonzero(np.any(spectrum, axis=(0, 2)))
    return int(sounding[-1]) + 1 if len(sounding) else 0


def _gram(spectrum: NDArray[np.complex64], *, settings: FeatureSettings) -> NDArray[np.float64]:
    """G of every bin, float64 [pairs, mel bands * frames]: the factor would amplify what float32 rounds away."""
    filters = mel_filters(settings).astype(np.float64)
    exact = spectrum.astype(np.complex128)
    products = ((exact[i] * exact[j].conj()).real @ filters for i, j in pair_index(len(exact)))
    return np.stack([product.T.reshape(-1) for product in products])


def _factors(gram: NDArray[np.float64], *, stems: int) -> Floats:
    """Cholesky's algorithm in every bin at once; a stem that the ones before it explain leaves a column of zeros."""
    place = {pair: row for row, pair in enumerate(pair_index(stems))}
    left = gram.copy()
    for k in range(stems):
        own = left[place[k, k]]
        sounding = own > NEGLIGIBLE * gram[place[k, k]]
        root = np.sqrt(np.where(sounding, own, np.inf))
        for i in range(k, stems):
            left[place[k, i]] /= root
        for i in range(k + 1, stems):
            for j in range(i, stems):
                left[place[i, j]] -= left[place[k, i]] * left[place[k, j]]
    return left.astype(np.float32)
