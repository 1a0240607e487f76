"""The singer: melodies in phrases with rests, syllables, backing harmony."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from datagen.generator.harmony import nearest_pitch, snapped_to_scale
from datagen.generator.keys import pick, stream
from datagen.generator.parts.note import Bar, Note, bars_of, chord_of, humanised, step_s, struck
from datagen.generator.plan import Section, SongPlan
from datagen.generator.voices.lookup import Sound
from datagen.generator.voices.singing import CONSONANTS, VOWELS, voice_range


class Syllable(NamedTuple):
    """One sung syllable: bar of its phrase, step, length in steps, pitch, its sounds."""

    bar: int
    step: float
    length: float
    midi: int
    vowels: tuple[int, int]
    consonant: str
    velocity: float


Rhythm = tuple[tuple[float, float], ...]
_VERSE: tuple[Rhythm, ...] = (
    ((2, 2), (4, 2), (6, 2), (8, 4), (12, 3)),
    ((0, 3), (3, 3), (6, 2), (8, 6)),
    ((2, 2), (4, 4), (8, 2), (10, 5)),
    ((0, 2), (2, 2), (4, 4), (10, 2), (12, 4)),
    ((4, 2), (6, 2), (8, 2), (10, 2), (12, 3.5)),
)
_CHORUS: tuple[Rhythm, ...] = (
    ((0, 6), (6, 2), (8, 7.5)),
    ((0, 4), (4, 4), (8, 3), (11, 4.5)),
    ((0, 3), (3, 3), (6, 4), (10, 5.5)),
    ((0, 8), (8, 4), (12, 4)),
)
_ENDS: tuple[Rhythm, ...] = (((0, 8),), ((0, 4), (4, 6)), ((0, 2), (2, 8)), ((0, 10),))
_SPOKEN: tuple[str, ...] = (
    "x.xxx.xxx.xxx.x.",
    "xxx.xxx.x.xxxx..",
    "x.xxxxx.xxx.xxx.",
    "..xxxxxxx.xxx.x.",
    "xxxxx.x.xxx.x...",
)


def write_vocals(plan: SongPlan) -> list[Note]:
    """Lead and backing vocals of a song. Sections of one name share their melody, as verses and choruses do."""
    notes: list[Note] = []
    for number, section in enumerate(plan.sections):
        if not section.playing[3]:
            continue
        rng = stream(plan.key, "vocals", number)
        bars = bars_of(plan, section)
        line = _melody(plan, section, bars, stream(plan.key, "melody", section.name))
        notes += _sing(plan, bars, line, rng)
        if plan.harmony_vocals and section.name == "chorus":
            notes += _harmonise(plan, bars, line, rng)
    return notes


def _melody(plan: SongPlan, section: Section, bars: list[Bar], rng: np.random.Generator) -> list[Syllable]:
    if plan.vocal_style == "spoken" and section.name != "chorus":
        return _spoken(plan, bars, rng)
    rhythms = _CHORUS if section.energy >= 0.75 else _VERSE
    motif = [pick(rng, rhythms) for _ in range(2)]
    low, high = voice_range(plan.voice)
    middle = low + (high - low) * (0.35 + 0.4 * section.energy)
    pitch = float(middle)
    phrases: list[list[Syllable]] = []
    for bar in bars:
        if bar.number % 8 in (4, 5, 6) and bar.degree == bars[bar.number - 4].degree:
            phrases.append([_again(syllable, bar.number, rng) for syllable in phrases[bar.number - 4]])
            continue
        closing = bar.number % 4 == 3 or bar.is_last
        rhythm = pick(rng, _ENDS) if closing else motif[bar.number % 2]
        phrase: list[Syllable] = []
        for position, (step, length) in enumerate(rhythm):
            strong = step % 8 == 0 or position == len(rhythm) - 1
            pitch = _next_pitch(plan, bar, pitch, middle, strong=strong, rng=rng)
            pitch = float(np.clip(pitch, low, high))
            phrase.append(_syllable(bar.number, step, length, round(pitch), rng))
        phrases.append(phrase)
    return [syllable for phrase in phrases for syllable in phrase]


def _again(syllable: Syllable, bar: int, rng: np.random.Generator) -> Syllable:
    """The same note in a later bar, with other words."""
    return _syllable(bar, syllable.step, syllable.length, syllable.midi, rng)


def _next_pitch(
    plan: SongPlan, bar: Bar, pitch: float, middle: float, *, strong: bool, rng: np.random.Generator
) -> float:
    """Mostly steps, now and then a leap, drawn to the middle of the voice; chord notes on strong beats."""
    wanted = pitch + float(rng.choice((-4, -2, -2, 0, 2, 2, 2, 5))) + 0.25 * (middle - pitch)
    if not strong:
        return float(snapped_to_scale(wanted, plan.tonic, minor=plan.minor))
    chord = chord_of(plan, bar.degree)[:3]
    return float(min((nearest_pitch(tone, wanted) for tone in chord), key=lambda midi: abs(midi - wanted)))


def _spoken(plan: SongPlan, bars: list[Bar], rng: np.random.Generator) -> list[Syllable]:
    """Rhythmic speech: sixteenths on a narrow band of pitches that falls at the end of a line."""
    low, high = voice_range(plan.voice)
    base = low + 0.3 * (high - low)
    flows = [pick(rng, _SPOKEN) for _ in range(3)]
    line: list[Syllable] = []
    for bar in bars:
        marks = flows[(0, 1, 0, 2)[bar.number % 4]]
        for step, mark in enumerate(marks):
            if mark == "x":
                accent = 1.0 if step % 4 == 0 else 0.82
                midi = round(base + 2.5 * accent - 0.12 * step + rng.uniform(-1.0, 1.0))
                line.append(_syllable(bar.number, step, 0.95, midi, rng)._replace(velocity=accent))
    return line


def _syllable(bar: int, step: float, length: float, midi: int, rng: np.random.Generator) -> Syllable:
    first = int(rng.integers(len(VOWELS)))
    second = first if rng.random() < 0.6 else int(rng.integers(len(VOWELS)))
    consonant = pick(rng, CONSONANTS) if rng.random() < 0.75 else ""
    return Syllable(bar, step, length, midi, (first, second), consonant, 1.0)


def _sing(plan: SongPlan, bars: list[Bar], line: list[Syllable], rng: np.random.Generator) -> list[Note]:
    notes: list[Note] = []
    before = 0
    spoken_chorus = plan.vocal_style == "spoken" and bars[0].section.name == "chorus"
    style = "sung" if spoken_chorus else plan.vocal_style
    for syllable in line:
        bar = bars[syllable.bar]
        onset_s = humanised(rng, step_s(plan, bar, syllable.step) + 0.012, 0.009)
        duration_s = syllable.length * plan.bar_s / 16 * 0.94
        level = struck(rng, syllable.velocity * (0.75 + 0.25 * bar.section.energy), 0.08)
        scoop = int(np.clip(100 * (before - syllable.midi), -200, 200)) // 25 * 25 if before else -100
        before = syllable.midi
        sound = Sound("voice", plan.voice, syllable.midi, style, syllable.vowels, scoop)
        detune_cents = 6.0 * float(rng.standard_normal())
        notes.append(Note(onset_s, duration_s, sound, level, 0.0, detune_cents))
        breathy = {"airy": 0.1, "strong": 0.035, "spoken": 0.06}.get(style, 0.05)
        notes.append(
            Note(onset_s, duration_s, Sound("breath", plan.voice), breathy * level, 0.0, 0.0, float(rng.random()))
        )
        if syllable.consonant:
            start_s = max(0.0, onset_s - 0.03)
            notes.append(Note(start_s, 0.0, Sound("consonant", plan.voice, name=syllable.consonant), level))
    return notes


def _harmonise(plan: SongPlan, bars: list[Bar], line: list[Syllable], rng: np.random.Generator) -> list[Note]:
    """Two softer voices on chord notes above and below the lead, left and right, on the longer syllables."""
    notes: list[Note] = []
    for syllable in line:
        if syllable.length < 3:
            continue
        bar = bars[syllable.bar]
        chord = chord_of(plan, bar.degree)[:3]
        for pan, shift in ((-0.55, 4), (0.55, -4)):
            options = (nearest_pitch(tone, syllable.midi + shift) for tone in chord)
            midi = min((o for o in options if o != syllable.midi), key=lambda o: abs(o - syllable.midi - shift))
            onset_s = humanised(rng, step_s(plan, bar, syllable.step) + 0.02, 0.012)
            sound = Sound("voice", plan.voice, midi, "airy", syllable.vowels, -50)
            level = struck(rng, 0.3)
            notes.append(
                Note(
                    onset_s, syllable.length * plan.bar_s / 16 * 0.9, sound, level, pan, 5.0 * pan, float(rng.random())
                )
            )
    return notes
