"""A pitched sound as sums of harmonics: spectra that fade over time, evaluated at any instant and any sample rate.

A tone has a few layers, each a fixed harmonic spectrum with its own envelope. Every value is a function of the time
since the onset alone, so a window of a song is exactly a slice of the whole, and only harmonics below the Nyquist
frequency are ever made, so nothing aliases.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft as sfft

from datagen.generator.weighting import k_power

Signal = NDArray[np.float32]
Spectra = NDArray[np.complex128]

HIGHEST_SHARE = 0.46
"""Harmonics above this share of the sample rate are left out."""


@dataclass(frozen=True)
class Shape:
    """How a tone develops: times in seconds, rates in Hz, depths in cents or as a share."""

    attack_s: float = 0.004
    release_s: float = 0.06
    decays_s: tuple[float, ...] = (math.inf,)
    """Time constant of each layer's decay."""
    morph: bool = False
    """Two layers: the second takes over from the first during the note."""
    swell_hz: float = 0.0
    swell_depth: float = 0.0
    """Slow movement of the last layer's level, of both where they morph."""
    vibrato_hz: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_delay_s: float = 0.3
    scoop_cents: float = 0.0
    scoop_s: float = 0.05
    """Pitch offset at the onset and the time constant of its disappearance."""


@dataclass(frozen=True, eq=False)
class Tone:
    """Spectra of the layers (layers, harmonics) over a fundamental in Hz, and their development."""

    fundamental_hz: float
    spectra: Spectra
    shape: Shape


def midi_hz(midi: float) -> float:
    """Frequency in Hz of a MIDI pitch (equal temperament, 69 = 440 Hz)."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def normalised(fundamental_hz: float, spectra: Spectra, shape: Shape) -> Tone:
    """A tone whose layers together have a K-weighted power of 1 at the onset."""
    summed = spectra[0] if shape.morph else spectra.sum(axis=0)
    power = 0.5 * float(np.sum(np.abs(summed) ** 2 * k_power(fundamental_hz * np.arange(1, len(summed) + 1))))
    return Tone(fundamental_hz, spectra / math.sqrt(max(power, 1e-12)), shape)


def wavetables(tone: Tone, sample_rate: int) -> Signal:
    """One period of each layer, band-limited to a sample rate: (layers, points + 1), first point repeated last."""
    widest = 2.0 ** ((tone.shape.vibrato_cents + abs(tone.shape.scoop_cents)) / 1200.0)
    count = min(tone.spectra.shape[1], max(1, int(HIGHEST_SHARE * sample_rate / (tone.fundamental_hz * widest))))
    points = max(512, 1 << math.ceil(math.log2(24 * count)))
    bins = np.zeros((len(tone.spectra), points // 2 + 1), np.complex128)
    if tone.fundamental_hz < HIGHEST_SHARE * sample_rate:
        bins[:, 1 : count + 1] = tone.spectra[:, :count]
    tables = sfft.irfft(bins, points, axis=1) * (points / 2)
    return np.concatenate([tables, tables[:, :1]], axis=1).astype(np.float32)


def envelopes(shape: Shape, time_s: Signal, duration_s: float) -> list[Signal]:
    """Level of each layer at times since the onset."""
    rise = np.clip(time_s * np.float32(1.0 / shape.attack_s), 0.0, 1.0)
    fall = np.clip((np.float32(duration_s + shape.release_s) - time_s) * np.float32(1.0 / shape.release_s), 0.0, 1.0)
    gate = (rise * rise * (3.0 - 2.0 * rise)) * (fall * fall * (3.0 - 2.0 * fall))
    if shape.swell_depth:
        wave = np.sin(time_s * np.float32(2.0 * math.pi * shape.swell_hz))
        moving = gate * (1.0 - shape.swell_depth * (0.5 + 0.5 * wave))
    else:
        moving = gate
    if shape.morph:
        turn = np.clip((time_s / np.float32(duration_s) - 0.25) * 1.8, 0.0, 1.0)
        return [moving * (1.0 - turn), moving * turn]
    gates = [gate] * (len(shape.decays_s) - 1) + [moving]
    return [
        level if math.isinf(decay_s) else level * np.exp(time_s * np.float32(-1.0 / decay_s))
        for level, decay_s in zip(gates, shape.decays_s, strict=True)
    ]


def cycles(tone: Tone, time_s: NDArray[np.float64], *, detune_cents: float) -> NDArray[np.float64]:
    """Phase in periods at times since the onset, with vibrato and scoop in closed form."""
    hz = tone.fundamental_hz * 2.0 ** (detune_cents / 1200.0)
    phase = time_s * hz
    shape = tone.shape
    if shape.vibrato_cents:
        swing = hz * shape.vibrato_cents * math.log(2.0) / 1200.0 / (2.0 * math.pi * shape.vibrato_hz)
        short = time_s.astype(np.float32)
        ramp = np.clip((short - np.float32(shape.vibrato_delay_s)) * np.float32(3.0), 0.0, 1.0)
        phase = phase + swing * ramp * np.sin(short * np.float32(2.0 * math.pi * shape.vibrato_hz))
    if shape.scoop_cents:
        depth = hz * shape.scoop_cents * math.log(2.0) / 1200.0 * shape.scoop_s
        phase = phase + depth * (1.0 - np.exp(time_s.astype(np.float32) * np.float32(-1.0 / shape.scoop_s)))
    return np.asarray(phase, dtype=np.float64)


def sound(
    tone: Tone, tables: Signal, time_s: NDArray[np.float64], *, duration_s: float, detune_cents: float, phase: float
) -> Signal:
    """The tone at times since its onset, mono; `phase` shifts its start, in periods."""
    points = tables.shape[1] - 1
    position = (cycles(tone, time_s, detune_cents=detune_cents) + phase) % 1.0 * points
    index = position.astype(np.intp)
    share = (position - index).astype(np.float32)
    total = np.zeros(len(time_s), np.float32)
    for table, level in zip(tables, envelopes(tone.shape, time_s.astype(np.float32), duration_s), strict=True):
        low = table[index]
        low += share * (table[index + 1] - low)
        low *= level
        total += low
    return total


def ringing_s(shape: Shape, duration_s: float) -> float:
    """How long a note is heard, release included, in seconds."""
    return duration_s + shape.release_s


def energy(tone: Tone, duration_s: float) -> float:
    """K-weighted energy of a note of velocity 1 at full bandwidth, in seconds times power; without rendering it."""
    times = np.linspace(0.0, ringing_s(tone.shape, duration_s), 48, dtype=np.float32)
    levels = np.stack(envelopes(tone.shape, times, duration_s))
    weights = 0.5 * k_power(tone.fundamental_hz * np.arange(1, tone.spectra.shape[1] + 1))
    gram = np.real((tone.spectra * weights) @ tone.spectra.conj().T)
    return float(np.einsum("it,ij,jt->", levels, gram, levels) * (times[1] - times[0]))
