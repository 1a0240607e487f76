"""Mixes of a window for any gains: one matrix product, float32, never clipped."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

BLOCK_FRAMES = 16_384
"""Frames mixed at a time: stems and mixes of a block stay in the processor's cache."""


def mix_stems(stems: NDArray[np.float32], gains_linear: ArrayLike) -> NDArray[np.float32]:
    """Mixes [mixes, channels, samples] of stems [stems, channels, samples] for gains [mixes, stems].

    The plain definition: mix m is sum(gains[m, s] * stem s).
    """
    gains = _checked_gains(gains_linear, len(stems))
    n_stems, n_channels, n_samples = stems.shape
    mixes = gains @ stems.reshape(n_stems, n_channels * n_samples)
    return mixes.reshape(len(gains), n_channels, n_samples)


def mix_interleaved(pcm: NDArray[np.float32], gains_linear: ArrayLike) -> NDArray[np.float32]:
    """Mixes [mixes, channels, samples] of a decoded window [frames, stems, channels] for gains [mixes, stems].

    The window may be a memory map: it is read once, in order, for all mixes together.
    """
    n_frames, n_stems, n_channels = pcm.shape
    gains = _checked_gains(gains_linear, n_stems)
    weights = np.kron(gains, np.eye(n_channels, dtype=np.float32))
    flat = pcm.reshape(n_frames, n_stems * n_channels)
    mixes = np.empty((len(gains) * n_channels, n_frames), np.float32)
    for start in range(0, n_frames, BLOCK_FRAMES):
        np.matmul(weights, flat[start : start + BLOCK_FRAMES].T, out=mixes[:, start : start + BLOCK_FRAMES])
    return mixes.reshape(len(gains), n_channels, n_frames)


def mix_blocks(
    fill: Callable[[int, NDArray[np.float32]], None], gains_linear: ArrayLike, *, n_stems: int, n_frames: int
) -> NDArray[np.float32]:
    """Mixes [mixes, 2, samples] of stems that lie in separate stereo files, for gains [mixes, stems].

    `fill(start, out)` writes frames from `start` on into out [stems, frames * 2], left and right in turns.
    """
    gains = _checked_gains(gains_linear, n_stems)
    mixes = np.empty((len(gains), 2, n_frames), np.float32)
    stems = np.empty((n_stems, 2 * BLOCK_FRAMES), np.float32)
    for start in range(0, n_frames, BLOCK_FRAMES):
        frames = min(BLOCK_FRAMES, n_frames - start)
        fill(start, stems[:, : 2 * frames])
        mixed = gains @ stems[:, : 2 * frames]
        mixes[:, :, start : start + frames] = mixed.reshape(len(gains), frames, 2).transpose(0, 2, 1)
    return mixes


def _checked_gains(gains_linear: ArrayLike, n_stems: int) -> NDArray[np.float32]:
    gains = np.atleast_2d(np.asarray(gains_linear, np.float32))
    if gains.ndim != 2 or gains.shape[1] != n_stems:
        raise ValueError(f"gains have shape {gains.shape}, expected [mixes, {n_stems}]")
    if not np.isfinite(gains).all():
        raise ValueError("a gain is no number")
    return gains
