"""Building blocks of harmonic spectra; k is the number of each harmonic, from 1."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

Amplitudes = NDArray[np.float64]


def saw(k: Amplitudes) -> Amplitudes:
    """A sawtooth's harmonics."""
    return 1.0 / k


def pulse(k: Amplitudes, width: float) -> Amplitudes:
    """A pulse wave's harmonics for a duty cycle of `width`."""
    return np.asarray(np.sin(np.pi * k * width) / k)


def plucked(k: Amplitudes, place: float) -> Amplitudes:
    """A string plucked at `place` of its length."""
    return np.asarray(np.sin(np.pi * k * place) / k**1.1)


def lowpass(hz: Amplitudes, edge_hz: float, order: int) -> Amplitudes:
    """Amplitude response of a low-pass with Butterworth slopes."""
    return np.asarray(1.0 / np.sqrt(1.0 + (hz / edge_hz) ** (2 * order)))


def bumps(hz: Amplitudes, centres_hz: tuple[float, ...], width: float, height: float) -> Amplitudes:
    """Broad resonances of a body: 1 plus bumps on a logarithmic axis."""
    safe = np.maximum(hz, 1.0)
    total = np.ones_like(safe)
    for centre_hz in centres_hz:
        total += height * np.exp(-((np.log2(safe / centre_hz) / width) ** 2))
    return total


def grouped(amplitudes: Amplitudes, edges: tuple[int, ...]) -> Amplitudes:
    """Layers (groups, harmonics) split after the given harmonic numbers, so that high ones can fade sooner."""
    k = np.arange(1, len(amplitudes) + 1)
    bounds = (0, *edges, len(amplitudes))
    return np.stack([np.where((k > low) & (k <= high), amplitudes, 0.0) for low, high in itertools.pairwise(bounds)])
