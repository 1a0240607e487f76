"""Rooms: a short stereo impulse response per song, added linearly to each stem."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft as sfft

from datagen.generator.keys import stream
from datagen.generator.timbres import Timbre, between
from datagen.generator.voices.oneshot import MASTER_RATE, at_rate, band, bins_hz, shaped_noise, weighted_energy

ROOM_S = 0.9
"""Length of every impulse response; a window needs this much of the song before its start."""


@lru_cache(maxsize=64)
def room_master(room: Timbre) -> NDArray[np.float64]:
    """Impulse responses of left and right at the master rate (2, samples), unit K-weighted energy each."""
    samples = int(ROOM_S * MASTER_RATE)
    time_s = np.arange(samples) / MASTER_RATE
    decay_s = between(room, 0, 0.1, 0.22)
    delay_s = between(room, 1, 0.008, 0.03)
    sides = []
    for side in range(2):
        rng = stream("room", room.number, side)
        tail = shaped_noise(rng, samples, band(bins_hz(samples), 180.0, between(room, 2, 3500.0, 8000.0), 1))
        tail *= np.exp(-time_s / decay_s) * np.clip((time_s - delay_s) / 0.01, 0.0, 1.0)
        for at_s in rng.uniform(delay_s, delay_s + 0.05, 5):
            tail[int(at_s * MASTER_RATE)] += rng.choice((-1.0, 1.0)) * 4.0
        tail *= np.clip((ROOM_S - 0.05 - time_s) / 0.2, 0.0, 1.0)
        sides.append(tail / np.sqrt(weighted_energy(tail) * MASTER_RATE**2))
    return np.stack(sides)


@lru_cache(maxsize=64)
def room_at(room: Timbre, sample_rate: int) -> NDArray[np.float32]:
    """The impulse responses at a sample rate, scaled so that levels agree across rates: (2, samples)."""
    scale = MASTER_RATE / sample_rate
    return np.stack([at_rate(side, sample_rate) for side in room_master(room)]) * np.float32(scale)


def with_room(dry: NDArray[np.float32], room: Timbre, wet: float, sample_rate: int) -> NDArray[np.float32]:
    """A dry stereo signal (2, samples) plus its reverberation from a mono send."""
    if wet <= 0.0 or not dry.any():
        return dry
    response = room_at(room, sample_rate)
    size = sfft.next_fast_len(dry.shape[1] + response.shape[1], real=True)
    send = sfft.rfft(dry.sum(axis=0) * np.float32(wet * 0.70710678), size)
    tail = sfft.irfft(send * sfft.rfft(response, size, axis=1), size, axis=1)[:, : dry.shape[1]]
    return np.asarray(dry + tail, dtype=np.float32)
