"""Sample rate conversion of stems."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray


def resample_stems(stems: NDArray[np.float32], from_rate: int, *, to_rate: int | None) -> NDArray[np.float32]:
    """Stems [stems, channels, samples] at another rate (soxr HQ, each stem alone); unchanged for None or the same.

    The result has ceil(samples * to_rate / from_rate) samples, so stems stay aligned whatever soxr returns.
    """
    if to_rate is None or to_rate == from_rate:
        return stems
    if to_rate <= 0:
        raise ValueError(f"sample rate {to_rate} Hz is not positive")
    n_stems, n_channels, n_samples = stems.shape
    n_out = -(-n_samples * to_rate // from_rate)
    resampled = np.zeros((n_stems, n_channels, n_out), np.float32)
    for stem, out in zip(stems, resampled, strict=True):
        converted = soxr.resample(stem.T, from_rate, to_rate, quality="HQ").T[:, :n_out]
        out[:, : converted.shape[1]] = converted
    return resampled
