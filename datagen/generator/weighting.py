"""The K-weighting of ITU-R BS.1770 as a power response, so that loudness follows from spectra without filtering."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

LUFS_OFFSET_DB = -0.691
"""Loudness is this plus ten times the logarithm of the K-weighted power summed over channels."""

# The two filters of BS.1770 at 48 kHz as prototypes: a shelf of +4 dB and a second-order high-pass, bilinearly mapped.
_RATE_HZ = 48_000.0
_SHELF_HZ, _SHELF_Q, _SHELF_DB, _SHELF_BAND = 1681.97, 0.7072, 3.99984, 0.499667
_HIGHPASS_HZ, _HIGHPASS_Q = 38.1355, 0.5003


def k_power(frequency_hz: ArrayLike) -> NDArray[np.float64]:
    """Power gain of the K-weighting at frequencies in Hz (BS.1770-5, its 48 kHz filters; flat above 23 kHz)."""
    warped = np.tan(np.pi * np.minimum(np.asarray(frequency_hz, dtype=np.float64), 23_000.0) / _RATE_HZ)
    high = 10.0 ** (_SHELF_DB / 20.0)
    square = (warped / math.tan(math.pi * _SHELF_HZ / _RATE_HZ)) ** 2
    top = (1.0 - high * square) ** 2 + square * (high**_SHELF_BAND / _SHELF_Q) ** 2
    shelf = top / ((1.0 - square) ** 2 + square / _SHELF_Q**2)
    corner = math.tan(math.pi * _HIGHPASS_HZ / _RATE_HZ)
    passband = (1.0 + corner / _HIGHPASS_Q + corner**2) ** 2  # the standard's numerator is not scaled to unity
    square = (warped / corner) ** 2
    return np.asarray(passband * shelf * square**2 / ((1.0 - square) ** 2 + square / _HIGHPASS_Q**2))
