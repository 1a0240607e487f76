"""Log-mel of a mix for any gains: the one call of training and serving.

Through a cached window this takes about a millisecond for 30 s of four stems; where something non-linear happens to
the mix, or no cache is at hand, the mix is rendered and goes the plain way. Both give the same features.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import ArrayLike

from training.features import CLIP_RANGE, POWER_FLOOR, FeatureSettings, Floats, fill_window, log_mel, mel_power
from training.window_cache import WindowCache
from training.window_mel import WindowMel

MOST_STEMS = 8
"""With more, the pairs of stems take more memory (36 of them 55 MB a window) than they save time."""
AMPLITUDE_SCALE = 100.0
"""Whisper's (log10(power) + 4) / 4 is log10(10^4 power) / 4: gains take the offset in, one pass over the data less."""
LOG_SCALE = np.float32(0.25 / math.log(10.0))
"""numpy has vector code for the natural logarithm, not for log10."""

Effect = Callable[[Floats], Floats]
"""What happens to a rendered mix [samples], such as a limiter."""


class GainsError(ValueError):
    """Gains that do not fit the window's stems."""


def mix_features(
    mono_stems: Floats,
    gains: ArrayLike,
    *,
    settings: FeatureSettings,
    cache: WindowCache | None = None,
    effect: Effect | None = None,
) -> Floats:
    """Log-mel, float32 [mel bands, frames], of the mix of stems float32 [stems, samples] with linear gains [stems].

    A gain of 0 leaves a stem out, a negative one turns its polarity. Raises GainsError and ClipTooLongError.
    """
    if effect is None and cache is not None and len(mono_stems) <= MOST_STEMS:
        return mix_log_mel(cache.window(mono_stems, settings=settings), gains)
    mix = checked_gains(gains, stems=len(mono_stems)) @ mono_stems
    return clip_log_mel(mix if effect is None else effect(mix), settings=settings)


def clip_log_mel(mono: Floats, *, settings: FeatureSettings) -> Floats:
    """Log-mel, float32 [mel bands, frames], of one clip float32 [samples]: the plain way. Raises ClipTooLongError."""
    window = fill_window(mono, settings=settings)
    return np.ascontiguousarray(log_mel(mel_power(window, settings=settings)).T)


def checked_gains(gains: ArrayLike, *, stems: int) -> Floats:
    """Linear gains as float32 [stems]. Raises GainsError."""
    checked = np.asarray(gains, dtype=np.float32)
    if checked.shape != (stems,) or not np.isfinite(checked).all():
        raise GainsError(f"expected {stems} finite linear gains, one a stem, and got {gains!r}")
    return checked


def mix_power(window: WindowMel, gains: ArrayLike) -> Floats:
    """Mel power, float32 [frames, mel bands], of the mix with linear gains [stems]. Raises GainsError."""
    power = np.zeros((window.settings.mel_bands, window.settings.frames), dtype=np.float32)
    heard = np.empty((len(power), window.heard_frames), dtype=np.float32)
    _sum_squares(window, checked_gains(gains, stems=window.stems), out=heard)
    power[:, : window.heard_frames] = heard
    return power.T


def mix_log_mel(window: WindowMel, gains: ArrayLike, *, out: Floats | None = None) -> Floats:
    """Log-mel, float32 [mel bands, frames], of the mix with linear gains [stems]; written into `out` where given.

    Equal to the plain way on the rendered mix up to 1e-4 feature units, most of it the plain way's own float32 FFT.
    Raises GainsError.
    """
    settings, heard = window.settings, window.heard_frames
    features = np.empty((settings.mel_bands, settings.frames), np.float32) if out is None else out
    scaled = checked_gains(gains, stems=window.stems) * np.float32(AMPLITUDE_SCALE)
    # Where everything was heard the work is done in place; else the heard part is not contiguous in the features.
    whole = heard == settings.frames and features.flags.c_contiguous
    power = features if whole else np.empty((settings.mel_bands, heard), np.float32)
    _sum_squares(window, scaled, out=power)
    floor = np.float32(max(float(power.max(initial=0.0)) * 10.0**-CLIP_RANGE, POWER_FLOOR * AMPLITUDE_SCALE**2))
    torch.from_numpy(power).clamp_(min=float(floor))  # a seventh of numpy's time, whose logarithm is the faster one
    np.log(power, out=power)
    np.multiply(power, LOG_SCALE, out=features[:, :heard])
    features[:, heard:] = np.log(floor) * LOG_SCALE
    return features


def mix_log_mels(window: WindowMel, gains: ArrayLike) -> Floats:
    """Log-mels, float32 [mixes, mel bands, frames], of many mixes with linear gains [mixes, stems]. Raises GainsError.

    One after the other: every mix stays in the processor's cache until it is done, and a matrix product over all of
    them was no faster.
    """
    rows = np.atleast_2d(np.asarray(gains))
    features = np.empty((len(rows), window.settings.mel_bands, window.settings.frames), np.float32)
    for row, out in zip(rows, features, strict=True):
        mix_log_mel(window, row, out=out)
    return features


def _sum_squares(window: WindowMel, gains: Floats, *, out: Floats) -> None:
    """|L'g|^2 in every heard bin, into `out` [mel bands, heard frames].

    By torch, which adds a square in one pass over the data; numpy needs two.
    """
    weights, total = torch.from_numpy(gains), torch.from_numpy(out.reshape(-1))
    part = torch.empty_like(total)
    torch.mv(window.columns[0], weights, out=total)
    total.mul_(total)
    for k, column in enumerate(window.columns[1:-1], start=1):
        torch.mv(column, weights[k:], out=part)
        total.addcmul_(part, part)
    if window.stems > 1:
        # One number a bin: its square needs no product in between.
        only = window.columns[-1][:, 0]
        total.addcmul_(only, only, value=float(gains[-1]) ** 2)
