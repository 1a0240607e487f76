"""Bass sounds: finger, pick, upright, synth, sub and FM."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from datagen.generator.timbres import Timbre, between
from datagen.generator.voices.spectra import grouped, lowpass, plucked, saw
from datagen.generator.voices.tone import Shape, Tone, midi_hz, normalised

_HARMONICS = 120


def bass_tone(timbre: Timbre, midi: int) -> Tone:
    """A bass note. Raises KeyError for an unknown kind."""
    hz = midi_hz(midi)
    k = np.arange(1, _HARMONICS + 1, dtype=np.float64)
    spectra, shape = _MAKERS[timbre.kind](timbre, k, hz)
    return normalised(hz, spectra.astype(np.complex128), shape)


Made = tuple[NDArray[np.float64], Shape]


def _finger(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = plucked(k, between(timbre, 0, 0.16, 0.3)) * lowpass(k * hz, between(timbre, 1, 500, 1300), 1)
    spectra = grouped(amplitudes, (3, 8))
    return spectra, Shape(0.006, 0.05, (between(timbre, 2, 0.9, 1.8), 0.5, 0.16))


def _pick(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = plucked(k, between(timbre, 0, 0.08, 0.16)) * lowpass(k * hz, between(timbre, 1, 1500, 3500), 1)
    spectra = grouped(amplitudes, (4, 14))
    return spectra, Shape(0.003, 0.04, (between(timbre, 2, 0.9, 1.6), 0.55, 0.2))


def _upright(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = plucked(k, between(timbre, 0, 0.2, 0.35)) * lowpass(k * hz, between(timbre, 1, 350, 800), 1)
    amplitudes[0] *= 1.4
    return grouped(amplitudes, (2, 6)), Shape(0.01, 0.07, (between(timbre, 2, 0.45, 0.9), 0.3, 0.09), scoop_cents=-12.0)


def _synth(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    edge_hz = between(timbre, 0, 180, 500)
    dark = saw(k) * lowpass(k * hz, edge_hz, 2)
    bright = saw(k) * lowpass(k * hz, edge_hz * between(timbre, 1, 3, 7), 2) - dark
    return np.stack([dark, bright]), Shape(0.004, 0.04, (math.inf, between(timbre, 2, 0.08, 0.35)))


def _sub(timbre: Timbre, k: NDArray[np.float64], _hz: float) -> Made:
    warmth = between(timbre, 0, 0.08, 0.35)
    amplitudes = np.where(k <= 6, warmth ** (k - 1), 0.0)
    return amplitudes[None], Shape(0.006, 0.08, (between(timbre, 1, 0.7, 2.0),), scoop_cents=between(timbre, 2, 0, 120))


def _fm(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    index = between(timbre, 0, 1.2, 2.4)
    decays = np.exp(-(((k - 1.0) / (1.0 + index)) ** 2)) * np.cos(0.9 * index * (k - 1.0))
    hard = np.exp(-(k - 1.0) / (2.0 + 3.0 * index)) * lowpass(k * hz, 2500, 1) * 0.6
    return np.stack([decays, hard]), Shape(0.003, 0.04, (between(timbre, 1, 0.8, 2.5), between(timbre, 2, 0.06, 0.2)))


_MAKERS = {"finger": _finger, "pick": _pick, "upright": _upright, "synth": _synth, "sub": _sub, "fm": _fm}
