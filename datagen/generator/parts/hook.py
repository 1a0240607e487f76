"""The hook: a short instrumental line where nobody sings."""

from __future__ import annotations

import numpy as np

from datagen.generator.harmony import nearest_pitch, snapped_to_scale
from datagen.generator.keys import pick, stream
from datagen.generator.parts.note import Bar, Note, bars_of, chord_of, humanised, step_s, struck
from datagen.generator.plan import SongPlan
from datagen.generator.voices.lookup import Sound

CENTRE = 72
_RHYTHMS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0, 3), (3, 3), (6, 2), (8, 6)),
    ((0, 2), (2, 2), (4, 4), (8, 2), (10, 5)),
    ((2, 2), (4, 2), (6, 4), (12, 3.5)),
    ((0, 6), (6, 4), (10, 5)),
    ((0, 1.5), (2, 1.5), (4, 3), (8, 1.5), (10, 1.5), (12, 3)),
)


def write_hook(plan: SongPlan) -> list[Note]:
    """The hook in every section without vocals, and in the last bar of each chorus."""
    draw = stream(plan.key, "hook-line")
    rhythms = (pick(draw, _RHYTHMS), pick(draw, _RHYTHMS))
    moves = tuple(int(move) for move in draw.choice((-2, -1, 0, 1, 2, 3), 12))
    notes: list[Note] = []
    for number, section in enumerate(plan.sections):
        rng = stream(plan.key, "hook", number)
        for bar in bars_of(plan, section) if section.playing[2] else []:
            if not section.playing[3] or (section.name == "chorus" and bar.is_last):
                notes += _bar(plan, bar, rhythms[bar.number % 2], moves, rng)
    return notes


def _bar(
    plan: SongPlan, bar: Bar, rhythm: tuple[tuple[float, float], ...], moves: tuple[int, ...], rng: np.random.Generator
) -> list[Note]:
    layer = plan.hook
    pitch = nearest_pitch(chord_of(plan, bar.degree)[moves[0] % 3], CENTRE)
    notes = []
    for position, (step, length) in enumerate(rhythm):
        if position:
            wanted = pitch + 2 * moves[(position + 4 * (bar.number % 2)) % len(moves)]
            pitch = snapped_to_scale(wanted + 0.2 * (CENTRE - wanted), plan.tonic, minor=plan.minor)
        level = struck(rng, 0.9 * float(10 ** (layer.gain_db / 20)))
        onset_s = humanised(rng, step_s(plan, bar, step), 0.006)
        sound = Sound("other", layer.timbre, pitch)
        notes.append(Note(onset_s, length * plan.bar_s / 16 * 0.95, sound, level, layer.pan, 0.0, float(rng.random())))
    return notes
