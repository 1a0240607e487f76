"""Drum kits by synthesis: every piece of a kit as a short sound."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.generator.keys import stream
from datagen.generator.timbres import Timbre, between, unit
from datagen.generator.voices.oneshot import MASTER_RATE, band, bins_hz, padded_samples, shaped_noise

PIECES = ("kick", "snare", "rim", "clap", "hat", "open", "ride", "crash", "tom-high", "tom-mid", "tom-low", "shaker")
PIECE_GAIN_DB = {
    "kick": 0.0, "snare": -1.0, "rim": -7.0, "clap": -4.0, "hat": -15.0, "open": -15.0, "ride": -15.0, "crash": -10.0,
    "tom-high": -3.0, "tom-mid": -3.0, "tom-low": -2.0, "shaker": -16.0,
}  # fmt: skip
_LENGTH_S = {
    "kick": 0.6, "snare": 0.5, "rim": 0.15, "clap": 0.4, "hat": 0.15, "open": 0.5, "ride": 0.9, "crash": 1.9,
    "tom-high": 0.6, "tom-mid": 0.7, "tom-low": 0.8, "shaker": 0.15,
}  # fmt: skip

Sound = NDArray[np.float64]


@lru_cache(maxsize=64)
def piece(kit: Timbre, name: str) -> Sound:
    """One piece of a kit at the master rate, peak at its usual place in the kit (kick = 1)."""
    samples = padded_samples(_LENGTH_S[name])
    time_s = np.arange(samples) / MASTER_RATE
    rng = stream("piece", kit.kind, kit.number, name)
    made = _MAKERS[name.split("-")[0]](kit, name, time_s, rng)
    made = made * _edges(time_s, _LENGTH_S[name])
    return np.asarray(made / np.max(np.abs(made)) * 10 ** (PIECE_GAIN_DB[name] / 20))


def _edges(time_s: Sound, length_s: float) -> Sound:
    """A quick start without a click and a smooth end before the silence."""
    start = np.clip(time_s / 0.0008, 0.0, 1.0)
    end = np.clip((length_s - time_s) / (0.25 * length_s), 0.0, 1.0)
    return np.asarray(start * end * end * (3 - 2 * end))


def _sweep(time_s: Sound, low_hz: float, rise_hz: float, fall_s: float) -> Sound:
    """A sine that falls from low + rise to low."""
    return np.asarray(np.sin(2 * np.pi * (low_hz * time_s + rise_hz * fall_s * (1 - np.exp(-time_s / fall_s)))))


def _kick(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    boomy = kit.kind in ("club", "electronic")
    low_hz = between(kit, 0, 42, 56) if boomy else between(kit, 0, 52, 72)
    decay_s = between(kit, 1, 0.14, 0.26) if boomy else between(kit, 1, 0.08, 0.16)
    body = _sweep(time_s, low_hz, between(kit, 2, 90, 220), between(kit, 3, 0.012, 0.03)) * np.exp(-time_s / decay_s)
    hz = bins_hz(len(time_s))
    beater = shaped_noise(rng, len(time_s), band(hz, 1200, between(kit, 4, 3000, 6500))) * np.exp(-time_s / 0.004)
    knock = _sweep(time_s, between(kit, 5, 150, 260), 200, 0.006) * np.exp(-time_s / 0.018)
    return np.asarray(body + between(kit, 4, 0.15, 0.4) * beater + between(kit, 6, 0.15, 0.4) * knock)


def _snare(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    pitch_hz = between(kit, 1, 160, 235)
    body = _sweep(time_s, pitch_hz, 60, 0.01) * np.exp(-time_s / 0.07)
    body += 0.5 * _sweep(time_s, pitch_hz * 1.79, 40, 0.01) * np.exp(-time_s / 0.05)
    hz = bins_hz(len(time_s))
    tight = {"brush": 0.16, "vinyl": 0.08}.get(kit.kind, between(kit, 2, 0.07, 0.15))
    top_hz = {"vinyl": 5500.0, "brush": 7000.0}.get(kit.kind, between(kit, 3, 7000, 12000))
    wires = shaped_noise(rng, len(time_s), band(hz, between(kit, 4, 700, 1800), top_hz, 1)) * np.exp(-time_s / tight)
    crack = shaped_noise(rng, len(time_s), band(hz, 1500, 7000)) * np.exp(-time_s / 0.006)
    level = 0.2 if kit.kind == "brush" else 0.6
    return np.asarray(level * body + between(kit, 5, 0.3, 0.5) * wires + 0.4 * level * crack)


def _rim(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    tone = np.sin(2 * np.pi * between(kit, 1, 420, 560) * time_s) + np.sin(
        2 * np.pi * between(kit, 2, 1500, 1900) * time_s
    )
    click = shaped_noise(rng, len(time_s), band(bins_hz(len(time_s)), 1500, 6000))
    return np.asarray(tone * np.exp(-time_s / 0.02) + 0.8 * click * np.exp(-time_s / 0.008))


def _clap(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    noise = shaped_noise(
        rng, len(time_s), band(bins_hz(len(time_s)), between(kit, 1, 700, 1100), between(kit, 2, 3500, 8000))
    )
    level = np.exp(-np.maximum(time_s - 0.03, 0) / between(kit, 3, 0.06, 0.12)) * (time_s > 0.03)
    for start_s in (0.0, between(kit, 4, 0.008, 0.012), 0.021):
        level = np.maximum(level, np.exp(-np.maximum(time_s - start_s, 0) / 0.006) * (time_s >= start_s))
    return np.asarray(noise * level)


def _metal(kit: Timbre, time_s: Sound, rng: np.random.Generator, low_hz: float) -> Sound:
    """The shimmer of a cymbal: noise and a cloud of inharmonic partials."""
    noise = shaped_noise(rng, len(time_s), band(bins_hz(len(time_s)), low_hz, 14000, 2))
    partials = np.zeros(len(time_s))
    for hz in rng.uniform(low_hz * 0.6, 9500, 14):
        partials += np.sin(2 * np.pi * (hz * time_s + rng.random()))
    return np.asarray(noise + between(kit, 5, 0.1, 0.3) * partials)


def _hat(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    low_hz = between(kit, 2, 3800, 6500)
    return _metal(kit, time_s, rng, low_hz) * np.exp(-time_s / between(kit, 3, 0.018, 0.04))


def _open(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    return _metal(kit, time_s, rng, between(kit, 2, 3800, 6500)) * np.exp(-time_s / between(kit, 4, 0.12, 0.22))


def _ride(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    ping = np.sin(2 * np.pi * between(kit, 6, 2600, 4200) * time_s) * np.exp(-time_s / 0.05)
    return np.asarray(_metal(kit, time_s, rng, 2800) * np.exp(-time_s / 0.25) + 1.2 * ping)


def _crash(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    return _metal(kit, time_s, rng, between(kit, 6, 900, 2200)) * np.exp(-time_s / between(kit, 7, 0.4, 0.7))


def _tom(kit: Timbre, name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    pitch_hz = {"tom-high": 165.0, "tom-mid": 122.0, "tom-low": 88.0}[name] * between(kit, 7, 0.85, 1.15)
    body = _sweep(time_s, pitch_hz, 40, 0.03) * np.exp(-time_s / between(kit, 1, 0.12, 0.24))
    stick = shaped_noise(rng, len(time_s), band(bins_hz(len(time_s)), 800, 5000)) * np.exp(-time_s / 0.008)
    return np.asarray(body + 0.2 * stick)


def _shaker(kit: Timbre, _name: str, time_s: Sound, rng: np.random.Generator) -> Sound:
    noise = shaped_noise(rng, len(time_s), band(bins_hz(len(time_s)), between(kit, 3, 3500, 6000), 11000))
    return np.asarray(noise * np.minimum(time_s / 0.02, 1.0) * np.exp(-time_s / (0.02 + 0.02 * unit(kit, 4))))


_MAKERS = {
    "kick": _kick, "snare": _snare, "rim": _rim, "clap": _clap, "hat": _hat, "open": _open, "ride": _ride,
    "crash": _crash, "tom": _tom, "shaker": _shaker,
}  # fmt: skip
