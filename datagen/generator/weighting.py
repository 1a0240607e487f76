"""The K-weighting of ITU-R BS.1770 as a power response, so that loudness follows from spectra without filtering."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

LUFS_OFFSET_DB = -0.691

# Analogue prototypes of the two 48 kHz filters of BS.1770: a shelf of +4 dB and a second-order high-pass.
_SHELF_HZ, _SHELF_Q, _SHELF_DB = 1681.97, 0.7072, 3.99984
_HIGHPASS_HZ, _HIGHPASS_Q = 38.1355, 0.5003


def k_power(frequency_hz: ArrayLike) -> NDArray[np.float64]:
    """Power gain of the K-weighting at frequencies in Hz (BS.1770-5, analogue prototype, within 0.2 dB below 15 kHz)."""
    hz = np.asarray(frequency_hz, dtype=np.float64)
    high = 10.0 ** (_SHELF_DB / 20.0)
    band = high**0.499667
    s = 1j * hz / _SHELF_HZ
    shelf = (high * s**2 + band / _SHELF_Q * s + 1.0) / (s**2 + s / _SHELF_Q + 1.0)
    s = 1j * hz / _HIGHPASS_HZ
    highpass = s**2 / (s**2 + s / _HIGHPASS_Q + 1.0)
    return np.asarray(np.abs(shelf * highpass) ** 2)


def loudness_lufs(power: float) -> float:
    """Loudness of a K-weighted power summed over channels."""
    return LUFS_OFFSET_DB + 10.0 * math.log10(max(power, 1e-12))
