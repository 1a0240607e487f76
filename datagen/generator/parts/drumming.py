"""The drummer: grooves by style, fills, crashes and ghost notes."""

from __future__ import annotations

import numpy as np

from datagen.generator.keys import pick, stream
from datagen.generator.parts.grooves import GROOVES, HIT_LEVEL, Groove
from datagen.generator.parts.note import Bar, Note, bars_of, ending_of, humanised, step_s, struck
from datagen.generator.plan import Section, SongPlan
from datagen.generator.voices.lookup import Sound

FILLS = (
    (("snare", 12), ("snare", 13), ("tom-high", 14), ("tom-low", 15)),
    (("tom-high", 8), ("tom-high", 10), ("tom-mid", 12), ("tom-low", 14)),
    (("snare", 12), ("snare", 14), ("snare", 15)),
    (("tom-mid", 12), ("tom-low", 14)),
    (("kick", 12), ("snare", 13), ("snare", 14), ("tom-low", 15)),
)
PANS = {
    "hat": 0.18,
    "open": 0.18,
    "ride": -0.3,
    "crash": 0.35,
    "tom-high": 0.25,
    "tom-mid": 0.0,
    "tom-low": -0.3,
    "shaker": -0.35,
}
_FRAGILE = ("sparse", "folk", "ride")
"""Styles whose fills and crashes stay small."""


def write_drums(plan: SongPlan) -> list[Note]:
    """The drum part of a song."""
    notes: list[Note] = []
    base = int(stream(plan.key, "groove").integers(2))
    for number, section in enumerate(plan.sections):
        if section.playing[0]:
            groove = GROOVES[plan.drum_style][(base + (section.name in ("chorus", "bridge"))) % 2]
            notes += _section(plan, section, groove, stream(plan.key, "drums", number))
    if plan.sections[-1].playing[0]:
        rng = stream(plan.key, "drums", "ending")
        notes += [_hit(plan, ending_of(plan), name, 0, level, rng) for name, level in (("kick", 0.9), ("crash", 0.6))]
    return notes


def _section(plan: SongPlan, section: Section, groove: Groove, rng: np.random.Generator) -> list[Note]:
    notes: list[Note] = []
    thin = section.name in ("intro", "outro") and rng.random() < 0.5
    for bar in bars_of(plan, section):
        fill = pick(rng, FILLS) if bar.is_last or (bar.number % 4 == 3 and rng.random() < 0.3) else ()
        first_fill_step = min((step for _, step in fill), default=16)
        for name, steps in groove:
            if thin and name in ("snare", "clap"):
                continue
            notes += _steps(plan, bar, name, steps, first_fill_step, rng)
        for name, step in fill:
            notes.append(_hit(plan, bar, name, step, 0.5 if plan.drum_style in _FRAGILE else 0.85, rng))
        if bar.number == 0 and section.name in ("chorus", "bridge"):
            notes.append(_hit(plan, bar, "crash", 0, 0.4 if plan.drum_style in _FRAGILE else 0.9, rng))
    return notes


def _steps(plan: SongPlan, bar: Bar, name: str, steps: str, end: int, rng: np.random.Generator) -> list[Note]:
    notes = []
    for step, mark in enumerate(steps[:end]):
        if mark == "." or (mark == "g" and rng.random() < 0.2):
            continue
        level = HIT_LEVEL[mark] * (1.0 if step % 4 == 0 else 0.92)
        notes.append(_hit(plan, bar, name, step, level, rng))
    if name == "kick" and end == 16 and rng.random() < 0.15 and plan.drum_style not in ("onedrop", "ride", "double"):
        notes.append(_hit(plan, bar, name, 14 if rng.random() < 0.5 else 7, 0.6, rng))
    return notes


def _hit(plan: SongPlan, bar: Bar, name: str, step: int, level: float, rng: np.random.Generator) -> Note:
    machine = plan.kit.kind in ("electronic", "club")
    onset_s = humanised(rng, step_s(plan, bar, step), 0.001 if machine else 0.005)
    velocity = struck(rng, level * (0.62 + 0.38 * bar.section.energy), 0.03 if machine else 0.08)
    return Note(onset_s, 0.0, Sound("piece", plan.kit, name=name), velocity, PANS.get(name, 0.0))
