"""The bass player: lines by style, always under the chord."""

from __future__ import annotations

import numpy as np

from datagen.generator.harmony import nearest_pitch, snapped_to_scale
from datagen.generator.keys import stream
from datagen.generator.parts.note import Bar, Note, bars_of, chord_of, ending_of, humanised, step_s, struck
from datagen.generator.plan import SongPlan
from datagen.generator.voices.lookup import Sound

CENTRE = 36
_ENDING_S = 1.2
Line = list[tuple[float, float, int, float]]
"""Notes of a bar: step, length in steps, MIDI pitch, velocity."""

_RHYTHMS: dict[str, tuple[tuple[float, float, str, float], ...]] = {
    "eighths": tuple((float(step), 1.8, "r", 1.0 if step % 4 == 0 else 0.85) for step in range(0, 16, 2)),
    "sixteenths": tuple((float(step), 0.9, "r", 1.0 if step % 4 == 0 else 0.8) for step in range(16)),
    "kick": ((0, 5.5, "r", 1.0), (6, 1.6, "r", 0.8), (8, 1.8, "r", 0.9), (10, 3.0, "r", 0.95), (14, 1.8, "n", 0.8)),
    "held": ((0, 13.0, "r", 1.0), (14, 1.8, "n", 0.8)),
    "offbeat": ((2, 1.7, "r", 1.0), (6, 1.7, "r", 1.0), (10, 1.7, "r", 1.0), (14, 1.7, "o", 0.95)),
    "fifths": ((0, 3.5, "r", 1.0), (8, 3.5, "f", 0.92), (14, 1.8, "n", 0.75)),
    "dub": ((2, 1.8, "r", 0.9), (4, 1.8, "r", 0.9), (8, 2.6, "r", 1.0), (11, 0.9, "f", 0.8), (12, 3.0, "o", 0.85)),
    "funk": (
        (0, 1.5, "r", 1.0), (3, 0.8, "r", 0.75), (6, 1.5, "o", 0.95), (7, 0.8, "f", 0.7),
        (10, 1.8, "r", 0.95), (13, 0.8, "f", 0.8), (14, 1.6, "n", 0.85),
    ),
}  # fmt: skip


def write_bass(plan: SongPlan) -> list[Note]:
    """The bass part of a song."""
    notes: list[Note] = []
    for number, section in enumerate(plan.sections):
        rng = stream(plan.key, "bass", number)
        bars = bars_of(plan, section) if section.playing[1] else []
        for position, bar in enumerate(bars):
            following = bars[position + 1].degree if position + 1 < len(bars) else section.progression[0]
            for step, length, midi, velocity in _line(plan, bar, following, rng):
                notes.append(_note(plan, bar, step, length, midi, velocity, rng))
    if plan.sections[-1].playing[1]:
        root = nearest_pitch(chord_of(plan, 0)[0], CENTRE)
        notes.append(
            _note(plan, ending_of(plan), 0, _ENDING_S / plan.bar_s * 16, root, 0.9, stream(plan.key, "bass", "ending"))
        )
    return notes


def _note(
    plan: SongPlan, bar: Bar, step: float, length: float, midi: int, velocity: float, rng: np.random.Generator
) -> Note:
    onset_s = humanised(rng, step_s(plan, bar, step), 0.004)
    duration_s = length * plan.bar_s / 16.0
    level = struck(rng, velocity * (0.7 + 0.3 * bar.section.energy), 0.06)
    return Note(onset_s, duration_s, Sound("bass", plan.bass, midi), level)


def _line(plan: SongPlan, bar: Bar, following: int, rng: np.random.Generator) -> Line:
    root = nearest_pitch(chord_of(plan, bar.degree)[0], CENTRE)
    goal = nearest_pitch(chord_of(plan, following)[0], CENTRE)
    if plan.bass_style == "walking":
        return _walking(plan, bar, root, goal, rng)
    style = plan.bass_style
    if style in ("eighths", "sixteenths") and bar.section.energy < 0.6 and bar.number % 2 == 0:
        style = "held"
    pitches = {"r": root, "o": root + 12, "f": root + (7 if root < CENTRE else -5), "n": _approach(plan, root, goal)}
    return [(step, length, pitches[kind], velocity) for step, length, kind, velocity in _RHYTHMS[style]]


def _approach(plan: SongPlan, root: int, goal: int) -> int:
    """A scale step next to the coming root, from the side of the present one."""
    return snapped_to_scale(goal + (-2 if root <= goal else 2), plan.tonic, minor=plan.minor)


def _walking(plan: SongPlan, bar: Bar, root: int, goal: int, rng: np.random.Generator) -> Line:
    chord = chord_of(plan, bar.degree)
    third, fifth = nearest_pitch(chord[1], root + 4), nearest_pitch(chord[2], root + 7)
    second = third if rng.random() < 0.6 else fifth
    third_note = fifth if second == third else third
    last = goal + (1 if rng.random() < 0.5 else -1)
    line: Line = [(0.0, 3.6, root, 1.0), (4.0, 3.6, second, 0.9), (8.0, 3.6, third_note, 0.95), (12.0, 3.6, last, 0.9)]
    if rng.random() < 0.25:
        line.append((14.0, 1.2, last, 0.5))
    return line
