"""The other instruments: keys, guitars, strings, synths, brass."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft as sfft

from datagen.generator.timbres import Timbre, between
from datagen.generator.voices.spectra import bumps, grouped, lowpass, plucked, pulse, saw
from datagen.generator.voices.tone import Shape, Tone, midi_hz, normalised

_HARMONICS = 100
Made = tuple[NDArray[np.float64], Shape]


def instrument_tone(timbre: Timbre, midi: int) -> Tone:
    """A note of an accompanying instrument; distorted guitars play root, fifth and octave. Raises KeyError."""
    if timbre.kind in ("distorted", "crunch"):
        return _power_chord(timbre, midi)
    hz = midi_hz(midi)
    k = np.arange(1, _HARMONICS + 1, dtype=np.float64)
    spectra, shape = _MAKERS[timbre.kind](timbre, k, hz)
    return normalised(hz, spectra.astype(np.complex128), shape)


def _piano(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = np.sin(np.pi * k * 0.12) / k**1.3 * lowpass(k * hz, between(timbre, 0, 1400, 3600), 1)
    long_s = between(timbre, 1, 1.2, 2.2) * (261.6 / hz) ** 0.45
    return grouped(amplitudes, (2, 6)), Shape(0.003, 0.12, (long_s, long_s * 0.5, long_s * 0.16))


def _epiano(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    body = np.where(k <= 5, between(timbre, 0, 0.16, 0.38) ** (k - 1), 0.0)
    bell = np.where((k >= 6) & (k <= 12), 0.16, 0.0) * lowpass(k * hz, 4500, 2)
    shape = Shape(0.004, 0.15, (between(timbre, 1, 1.0, 2.0), 0.09), swell_hz=between(timbre, 2, 4, 6), swell_depth=0.0)
    return np.stack([body, bell]), shape


def _organ(timbre: Timbre, k: NDArray[np.float64], _hz: float) -> Made:
    bars = {1: 1.0, 2: between(timbre, 0, 0.3, 1.0), 3: between(timbre, 1, 0.2, 0.8), 4: between(timbre, 2, 0.05, 0.6),
            6: 0.15, 8: between(timbre, 3, 0.05, 0.35)}  # fmt: skip
    amplitudes = np.zeros_like(k)
    for number, level in bars.items():
        amplitudes[number - 1] = level
    shape = Shape(
        0.012, 0.05, (math.inf,), swell_hz=between(timbre, 4, 5.2, 6.8), swell_depth=0.25,
        vibrato_hz=6.1, vibrato_cents=between(timbre, 5, 3, 10), vibrato_delay_s=0.0,
    )  # fmt: skip
    return amplitudes[None], shape


def _strings(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    body = bumps(k * hz, (between(timbre, 0, 280, 480), between(timbre, 1, 900, 1500), 2600.0), 0.5, 1.0)
    amplitudes = saw(k) * body * lowpass(k * hz, between(timbre, 2, 2200, 4800), 2)
    shape = Shape(
        between(timbre, 3, 0.08, 0.22), 0.3, (math.inf,),
        vibrato_hz=between(timbre, 4, 4.8, 6.0), vibrato_cents=between(timbre, 5, 6, 14), vibrato_delay_s=0.15,
    )  # fmt: skip
    return amplitudes[None], shape


def _pad(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    edge_hz = between(timbre, 0, 400, 1100)
    wave = saw(k) if timbre.number % 2 else pulse(k, between(timbre, 1, 0.2, 0.48))
    dark = wave * lowpass(k * hz, edge_hz, 2)
    bright = wave * lowpass(k * hz, edge_hz * 3, 2) - dark
    shape = Shape(
        between(timbre, 2, 0.12, 0.35),
        0.5,
        (math.inf, math.inf),
        swell_hz=between(timbre, 3, 0.1, 0.5),
        swell_depth=0.8,
    )
    return np.stack([dark, bright]), shape


def _synth(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    wave = saw(k) if timbre.number % 2 else pulse(k, between(timbre, 1, 0.15, 0.5))
    edge_hz = between(timbre, 0, 700, 1800)
    dark = wave * lowpass(k * hz, edge_hz, 2)
    bright = wave * lowpass(k * hz, edge_hz * 4, 2) - dark
    return np.stack([dark, bright]), Shape(0.006, 0.12, (between(timbre, 2, 0.8, 2.0), between(timbre, 3, 0.12, 0.4)))


def _arp(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    wave = pulse(k, between(timbre, 0, 0.1, 0.5))
    dark = wave * lowpass(k * hz, between(timbre, 1, 900, 2500), 2)
    bright = wave * lowpass(k * hz, 6000, 1) - dark
    return np.stack([dark, bright]), Shape(0.003, 0.08, (between(timbre, 2, 0.15, 0.4), 0.06))


def _bell(timbre: Timbre, k: NDArray[np.float64], _hz: float) -> Made:
    body = np.where(k == 1, 1.0, 0.0)
    ring = np.zeros_like(k)
    for number, level in ((3, 0.3), (4, 0.25), (7, 0.18), (10, 0.1)):
        ring[number - 1] = level * between(timbre, number % 8, 0.4, 1.3)
    return np.stack([body, ring]), Shape(0.003, 0.3, (between(timbre, 1, 0.5, 1.0), between(timbre, 2, 0.1, 0.25)))


def _clean(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = plucked(k, between(timbre, 0, 0.1, 0.24)) * lowpass(k * hz, between(timbre, 1, 2200, 4500), 1)
    amplitudes *= bumps(k * hz, (between(timbre, 2, 500, 1200), 2800.0), 0.6, 0.6)
    long_s = between(timbre, 3, 0.8, 1.6)
    return grouped(amplitudes, (3, 9)), Shape(0.003, 0.06, (long_s, long_s * 0.45, long_s * 0.15))


def _acoustic(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = plucked(k, between(timbre, 0, 0.12, 0.22)) * lowpass(k * hz, between(timbre, 1, 3500, 7000), 1)
    amplitudes *= bumps(k * hz, (105.0, between(timbre, 2, 190, 260), 420.0), 0.3, 0.9)
    long_s = between(timbre, 3, 0.7, 1.3)
    return grouped(amplitudes, (3, 9)), Shape(0.002, 0.07, (long_s, long_s * 0.4, long_s * 0.12))


def _pluck(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    amplitudes = plucked(k, between(timbre, 0, 0.05, 0.12)) * lowpass(k * hz, between(timbre, 1, 3000, 6500), 1)
    long_s = between(timbre, 2, 0.25, 0.5)
    return grouped(amplitudes, (3, 9)), Shape(0.002, 0.06, (long_s, long_s * 0.6, long_s * 0.3))


def _brass(timbre: Timbre, k: NDArray[np.float64], hz: float) -> Made:
    body = bumps(k * hz, (between(timbre, 0, 500, 800), 1300.0), 0.6, 1.0)
    dark = saw(k) * body * lowpass(k * hz, between(timbre, 1, 900, 1600), 2)
    bright = saw(k) * body * lowpass(k * hz, between(timbre, 2, 2800, 4500), 2) - dark
    shape = Shape(
        0.03, 0.08, (math.inf, between(timbre, 3, 0.15, 0.4)), vibrato_hz=5.0, vibrato_cents=6.0, scoop_cents=-30.0
    )
    return np.stack([dark, bright]), shape


def _power_chord(timbre: Timbre, midi: int) -> Tone:
    """Two periods of root, fifth and octave driven into a curve, then a speaker cabinet: one period of a new tone."""
    hz = midi_hz(midi) / 2.0
    points = 4096
    phase = 2 * np.pi * np.arange(points) / points
    k = np.arange(1, 41, dtype=np.float64)
    string = np.sin(np.pi * k * between(timbre, 0, 0.1, 0.2)) / k**1.2
    wave = np.zeros(points)
    for ratio, level in ((2, 1.0), (3, 0.8), (4, 0.7)):
        wave += level * (string[:, None] * np.sin(np.outer(k * ratio, phase) + 0.7 * ratio)).sum(axis=0)
    drive = between(timbre, 1, 3, 8) if timbre.kind == "distorted" else between(timbre, 1, 0.8, 2.0)
    driven = np.tanh(drive * wave / np.max(np.abs(wave)) + 0.15)
    spectrum = sfft.rfft(driven)[1:401] / points
    harmonics_hz = hz * np.arange(1, len(spectrum) + 1, dtype=np.float64)
    cabinet = lowpass(harmonics_hz, between(timbre, 2, 3200, 5000), 3) * bumps(
        harmonics_hz, (110.0, between(timbre, 3, 1600, 2800)), 0.7, 1.0
    )
    spectrum = spectrum * cabinet * (1.0 - lowpass(harmonics_hz, 70.0, 2))
    spectra = grouped(np.ones(len(spectrum)), (40,)) * spectrum
    return normalised(hz, spectra, Shape(0.004, 0.05, (3.5, 1.8)))


_MAKERS = {
    "piano": _piano, "epiano": _epiano, "organ": _organ, "strings": _strings, "pad": _pad, "synth": _synth, "arp": _arp,
    "bell": _bell, "clean": _clean, "acoustic": _acoustic, "pluck": _pluck, "brass": _brass,
}  # fmt: skip
