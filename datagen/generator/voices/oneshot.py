"""Short fixed sounds (drum hits, consonants): made once at 48 kHz, then resampled in the frequency domain."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft as sfft

from datagen.generator.weighting import k_power

MASTER_RATE = 48_000
STEP_S = 0.05
"""Lengths are multiples of this, so that they are whole numbers of samples at every usual rate."""

PASS_SHARE, STOP_SHARE = 0.44, 0.49
"""Spectra fade out between these shares of the sample rate."""


def padded_samples(length_s: float) -> int:
    """A length in samples at the master rate, rounded up to whole steps plus one of silence."""
    return int((math.ceil(length_s / STEP_S) + 1) * STEP_S * MASTER_RATE + 0.5)


def at_rate(master: NDArray[np.float64], sample_rate: int) -> NDArray[np.float32]:
    """A sound made at the master rate, band-limited and resampled to another rate."""
    count = round(len(master) * sample_rate / MASTER_RATE)
    spectrum = sfft.rfft(master)[: count // 2 + 1]
    hz = np.arange(len(spectrum)) * (MASTER_RATE / len(master))
    fade = np.clip((STOP_SHARE * sample_rate - hz) / ((STOP_SHARE - PASS_SHARE) * sample_rate), 0.0, 1.0)
    bins = np.zeros(count // 2 + 1, np.complex128)
    bins[: len(spectrum)] = spectrum * fade**2 * (3.0 - 2.0 * fade)
    return np.asarray(sfft.irfft(bins, count) * (count / len(master)), dtype=np.float32)


def weighted_energy(master: NDArray[np.float64]) -> float:
    """K-weighted energy of a sound at the master rate, in seconds times power."""
    spectrum = sfft.rfft(master)
    hz = np.arange(len(spectrum)) * (MASTER_RATE / len(master))
    return float(2.0 * np.sum(np.abs(spectrum) ** 2 * k_power(hz)) / len(master) / MASTER_RATE)


def shaped_noise(rng: np.random.Generator, samples: int, response: NDArray[np.float64]) -> NDArray[np.float64]:
    """Noise of unit RMS with an amplitude response on the bins of `samples` at the master rate; it loops."""
    bins = (rng.standard_normal(len(response)) + 1j * rng.standard_normal(len(response))) * response
    bins[0] = 0.0
    noise: NDArray[np.float64] = sfft.irfft(bins, samples)
    noise /= float(np.sqrt(np.mean(noise**2)))
    return noise


def bins_hz(samples: int) -> NDArray[np.float64]:
    """Frequencies in Hz of the bins of a sound of that many samples at the master rate."""
    return np.arange(samples // 2 + 1, dtype=np.float64) * (MASTER_RATE / samples)


def band(hz: NDArray[np.float64], low_hz: float, high_hz: float, order: int = 2) -> NDArray[np.float64]:
    """Amplitude response of a band-pass with Butterworth-like slopes."""
    safe = np.maximum(hz, 1e-3)
    return np.asarray(1.0 / np.sqrt((1.0 + (low_hz / safe) ** (2 * order)) * (1.0 + (safe / high_hz) ** (2 * order))))
