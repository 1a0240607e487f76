"""Renders a window of a song's stems at any sample rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from datagen.generator.parts.note import Note
from datagen.generator.plan import SongPlan
from datagen.generator.reverb import ROOM_S, with_room
from datagen.generator.score import score_of
from datagen.generator.voices.lookup import is_noise, noise_of, tables_of, tone_of
from datagen.generator.voices.tone import ringing_s, sound

MIN_RATE, MAX_RATE = 4_000, 48_000
Stereo = NDArray[np.float32]


class WindowError(ValueError):
    """A window that cannot be rendered."""


def render(plan: SongPlan, *, start_samples: int, length_samples: int, sample_rate: int) -> NDArray[np.float32]:
    """The stems of a window: float32 (stem, channel, sample), STEMS order, stereo, full scale 1.

    A window equals the same slice of the whole song at that rate (within float32 rounding of the reverberation); past
    the song's end there is silence. Raises WindowError for a negative start, an empty length or a rate out of range.
    """
    problems = []
    if start_samples < 0:
        problems.append(f"start_samples is {start_samples}; it must be 0 or more")
    if length_samples < 1:
        problems.append(f"length_samples is {length_samples}; it must be 1 or more")
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        problems.append(f"sample_rate is {sample_rate} Hz; it must lie between {MIN_RATE} and {MAX_RATE}")
    if problems:
        raise WindowError(f"{plan.key}: " + "; ".join(problems))
    score = score_of(plan)
    lead_in = min(start_samples, math.ceil(ROOM_S * sample_rate))
    first, count = start_samples - lead_in, length_samples + lead_in
    stems = np.empty((len(score.stems), 2, length_samples), np.float32)
    for index, (notes, gain, wet) in enumerate(zip(score.stems, score.gains, plan.wet, strict=True)):
        dry = _play(notes, first, count, sample_rate)
        stems[index] = with_room(dry, plan.room, wet, sample_rate)[:, lead_in:] * np.float32(gain)
    return stems


def _play(notes: tuple[Note, ...], first: int, count: int, sample_rate: int) -> Stereo:
    out = np.zeros((2, count), np.float32)
    end_s = (first + count) / sample_rate
    for note in notes:
        if note.onset_s >= end_s:
            break
        if is_noise(note.sound):
            _add_noise(out, note, first, sample_rate)
        else:
            _add_tone(out, note, first, sample_rate)
    return out


def _add(out: Stereo, note: Note, offset: int, mono: NDArray[np.float32]) -> None:
    """Adds a mono sound from sample `offset` of the window, panned at constant power."""
    angle = (note.pan + 1.0) * math.pi / 4.0
    out[0, offset : offset + len(mono)] += mono * np.float32(note.velocity * math.cos(angle))
    out[1, offset : offset + len(mono)] += mono * np.float32(note.velocity * math.sin(angle))


def _span(note: Note, first: int, count: int, sample_rate: int, length_s: float) -> tuple[int, int]:
    """Samples of the song in which a note sounds inside the window."""
    begin = math.ceil(note.onset_s * sample_rate)
    end = math.ceil((note.onset_s + length_s) * sample_rate)
    return max(begin, first), min(end, first + count)


def _add_tone(out: Stereo, note: Note, first: int, sample_rate: int) -> None:
    tone = tone_of(note.sound)
    begin, end = _span(note, first, out.shape[1], sample_rate, ringing_s(tone.shape, note.duration_s))
    if begin >= end:
        return
    time_s = np.arange(begin, end) / sample_rate - note.onset_s
    mono = sound(
        tone, tables_of(note.sound, sample_rate), time_s,
        duration_s=note.duration_s, detune_cents=note.detune_cents, phase=note.phase,
    )  # fmt: skip
    _add(out, note, begin - first, mono)


def _add_noise(out: Stereo, note: Note, first: int, sample_rate: int) -> None:
    samples = noise_of(note.sound, sample_rate)
    begins_at = round(note.onset_s * sample_rate)
    if note.sound.role == "breath":
        _add_breath(out, note, first, samples, sample_rate)
        return
    begin, end = max(begins_at, first), min(begins_at + len(samples), first + out.shape[1])
    if begin < end:
        _add(out, note, begin - first, samples[begin - begins_at : end - begins_at])


def _add_breath(out: Stereo, note: Note, first: int, samples: NDArray[np.float32], sample_rate: int) -> None:
    """A stretch of the looping breath under the note's own rise and fall."""
    begin, end = _span(note, first, out.shape[1], sample_rate, note.duration_s)
    if begin >= end:
        return
    time_s = (np.arange(begin, end) / sample_rate - note.onset_s).astype(np.float32)
    shift = int(note.phase * len(samples)) - math.ceil(note.onset_s * sample_rate)
    level = np.clip(time_s * np.float32(25.0), 0.0, 1.0) * np.clip(
        (np.float32(note.duration_s) - time_s) * 12.0, 0.0, 1.0
    )
    _add(out, note, begin - first, samples[(np.arange(begin, end) + shift) % len(samples)] * level)
