"""A voice-like lead: glottal harmonics through vowel formants, breath, and consonants of noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.generator.keys import stream
from datagen.generator.timbres import Timbre, between
from datagen.generator.voices.oneshot import MASTER_RATE, band, bins_hz, padded_samples, shaped_noise
from datagen.generator.voices.tone import Shape, Tone, midi_hz, normalised

# First three formants in Hz of a male speaker (Peterson & Barney 1952); other voices scale them.
VOWELS: tuple[tuple[float, float, float], ...] = (
    (730.0, 1090.0, 2440.0),
    (530.0, 1840.0, 2480.0),
    (300.0, 2250.0, 3000.0),
    (570.0, 860.0, 2410.0),
    (320.0, 880.0, 2240.0),
    (660.0, 1720.0, 2410.0),
    (500.0, 1400.0, 2400.0),
)
CONSONANTS = ("s", "sh", "t", "k", "f", "h", "b", "d")
_BANDS_HZ = {
    "s": (4800.0, 9500.0), "sh": (2300.0, 6000.0), "t": (2800.0, 8000.0), "k": (1300.0, 3800.0), "f": (1500.0, 9000.0),
    "h": (500.0, 3500.0), "b": (150.0, 900.0), "d": (300.0, 3000.0),
}  # fmt: skip
_LENGTHS_S = {"s": 0.1, "sh": 0.1, "t": 0.03, "k": 0.03, "f": 0.08, "h": 0.07, "b": 0.025, "d": 0.025}
_LEVELS_DB = {"s": -14.0, "sh": -13.0, "t": -12.0, "k": -11.0, "f": -20.0, "h": -20.0, "b": -10.0, "d": -11.0}
BREATH_S = 2.0


def size(voice: Timbre) -> float:
    """How much higher the formants lie than a man's: the length of the throat."""
    return between(voice, 0, 0.96, 1.06) if voice.kind == "low" else between(voice, 0, 1.12, 1.24)


def voice_range(voice: Timbre) -> tuple[int, int]:
    """Lowest and highest comfortable MIDI pitch."""
    middle = round(between(voice, 1, 53, 57) if voice.kind == "low" else between(voice, 1, 63, 67))
    return middle - 7, middle + 8


def tract(voice: Timbre, vowel: int, hz: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Response of the throat and mouth for a vowel: five resonances in a row."""
    scale = size(voice)
    f1, f2, f3 = VOWELS[vowel]
    ring_hz = between(voice, 2, 3000.0, 3400.0)
    total = np.ones(len(hz), np.complex128)
    for centre_hz, width_hz in ((f1, 100.0), (f2, 130.0), (f3, 180.0), (ring_hz, 220.0), (4300.0, 350.0)):
        centre = centre_hz * scale
        total *= centre**2 / (centre**2 - hz**2 + 1j * hz * width_hz * scale)
    above = 1.0 + (hz / (4800.0 * scale)) ** 2
    return np.asarray(total * above**1.5)


def sung_tone(voice: Timbre, midi: int, vowels: tuple[int, int], style: str, scoop_cents: int) -> Tone:
    """A sung note that moves from one vowel to another."""
    hz = midi_hz(midi)
    k = np.arange(1, 81, dtype=np.float64)
    tilt = {"airy": 1.5, "strong": 0.9, "spoken": 1.1}.get(style, between(voice, 3, 1.05, 1.35))
    source = k**-tilt * (k * hz / (k * hz + 60.0))
    spectra = np.stack([source * tract(voice, vowel, k * hz) for vowel in vowels])
    powers = np.sqrt((np.abs(spectra) ** 2).sum(axis=1, keepdims=True))
    shape = Shape(
        attack_s=0.03 if style == "spoken" else between(voice, 4, 0.035, 0.07),
        release_s=0.04 if style == "spoken" else 0.09,
        decays_s=(1.0, 1.0),
        morph=True,
        swell_hz=between(voice, 5, 4.8, 6.2),
        swell_depth=0.0 if style == "spoken" else 0.14,
        vibrato_hz=between(voice, 5, 4.8, 6.2),
        vibrato_cents=4.0 if style == "spoken" else between(voice, 6, 14, 34),
        vibrato_delay_s=between(voice, 7, 0.18, 0.4),
        scoop_cents=float(scoop_cents),
        scoop_s=0.045,
    )
    return normalised(hz, spectra / powers, shape)


@lru_cache(maxsize=64)
def consonant(voice: Timbre, name: str) -> NDArray[np.float64]:
    """A consonant at the master rate, in level to a vowel of power 1."""
    length_s = _LENGTHS_S[name]
    samples = padded_samples(length_s)
    time_s = np.arange(samples) / MASTER_RATE
    low_hz, high_hz = _BANDS_HZ[name]
    scale = size(voice) ** 0.5
    rng = stream("consonant", voice.kind, voice.number, name)
    noise = shaped_noise(rng, samples, band(bins_hz(samples), low_hz * scale, high_hz * scale))
    if length_s > 0.05:
        level = np.sin(np.pi * np.clip(time_s / length_s, 0.0, 1.0)) ** 1.5
    else:
        level = (
            np.minimum(time_s / 0.002, 1.0)
            * np.exp(-time_s / (0.3 * length_s))
            * (time_s < samples / MASTER_RATE - 0.02)
        )
        level *= np.clip((padded_samples(length_s) / MASTER_RATE - 0.01 - time_s) / 0.02, 0.0, 1.0)
    return np.asarray(noise * level * 10 ** (_LEVELS_DB[name] / 20) * 1.4)


@lru_cache(maxsize=16)
def breath(voice: Timbre) -> NDArray[np.float64]:
    """Breath noise at the master rate, unit RMS, BREATH_S long, looping seamlessly."""
    samples = int(BREATH_S * MASTER_RATE)
    hz = bins_hz(samples)
    throat = np.abs(tract(voice, 6, hz)) ** 0.5
    colour = (throat / throat.max() + 0.12) * band(hz, 1200.0, 9000.0, 1)
    return shaped_noise(stream("breath", voice.kind, voice.number), samples, colour)
