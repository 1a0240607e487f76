"""From a note's sound to samples: builds each sound once and keeps it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from datagen.generator.timbres import Timbre
from datagen.generator.voices import basses, drums, instruments, oneshot, singing, tone


class Sound(NamedTuple):
    """What a note plays: `piece`, `consonant` and `breath` are noises by name, the others tones by MIDI pitch."""

    role: str
    timbre: Timbre
    midi: int = 0
    name: str = ""
    vowels: tuple[int, int] = (0, 0)
    scoop_cents: int = 0


@lru_cache(maxsize=4096)
def tone_of(sound: Sound) -> tone.Tone:
    """The tone of a pitched sound. Raises KeyError for an unknown role."""
    if sound.role == "bass":
        return basses.bass_tone(sound.timbre, sound.midi)
    if sound.role == "other":
        return instruments.instrument_tone(sound.timbre, sound.midi)
    if sound.role == "voice":
        return singing.sung_tone(sound.timbre, sound.midi, sound.vowels, sound.name, sound.scoop_cents)
    raise KeyError(sound.role)


@lru_cache(maxsize=2048)
def tables_of(sound: Sound, sample_rate: int) -> tone.Signal:
    """Wavetables of a pitched sound at a sample rate."""
    return tone.wavetables(tone_of(sound), sample_rate)


def _master_of(sound: Sound) -> NDArray[np.float64]:
    if sound.role == "piece":
        return drums.piece(sound.timbre, sound.name)
    if sound.role == "consonant":
        return singing.consonant(sound.timbre, sound.name)
    if sound.role == "breath":
        return singing.breath(sound.timbre)
    raise KeyError(sound.role)


@lru_cache(maxsize=768)
def noise_of(sound: Sound, sample_rate: int) -> NDArray[np.float32]:
    """Samples of a noise sound at a sample rate."""
    return oneshot.at_rate(_master_of(sound), sample_rate)


@lru_cache(maxsize=16384)
def energy_of(sound: Sound, duration_ms: int) -> float:
    """K-weighted energy of a note of velocity 1 (power times seconds), at full bandwidth."""
    if sound.role in ("piece", "consonant"):
        return oneshot.weighted_energy(_master_of(sound))
    if sound.role == "breath":
        return oneshot.weighted_energy(_master_of(sound)) / singing.BREATH_S * duration_ms * 1e-3
    return tone.energy(tone_of(sound), duration_ms * 1e-3)


def is_noise(sound: Sound) -> bool:
    """Whether the sound is stored samples and not a tone."""
    return sound.role in ("piece", "consonant", "breath")
