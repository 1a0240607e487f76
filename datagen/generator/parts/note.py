"""A note, and the small means by which every part is written."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from datagen.generator.genres import genre_named
from datagen.generator.harmony import chord_classes
from datagen.generator.plan import Section, SongPlan
from datagen.generator.voices.lookup import Sound


class Note(NamedTuple):
    """One sounding event of a stem; times in seconds from the song's start, pan -1 (left) to 1."""

    onset_s: float
    duration_s: float
    sound: Sound
    velocity: float
    pan: float = 0.0
    detune_cents: float = 0.0
    phase: float = 0.0


class Bar(NamedTuple):
    """A bar to be filled: its start in seconds, its chord, and where it stands in its section."""

    start_s: float
    number: int
    """Counted from the start of the section."""
    section: Section
    degree: int
    is_last: bool


def bars_of(plan: SongPlan, section: Section) -> list[Bar]:
    """The bars of a section."""
    progression = section.progression
    return [
        Bar(
            start_s=(section.start_bar + index) * plan.bar_s,
            number=index,
            section=section,
            degree=progression[index % len(progression)],
            is_last=index == section.bars - 1,
        )
        for index in range(section.bars)
    ]


def ending_of(plan: SongPlan) -> Bar:
    """The moment after the last bar, where the band lets the tonic ring."""
    section = plan.sections[-1]
    return Bar(section.end_s, section.bars, section, 0, True)


def chord_of(plan: SongPlan, degree: int) -> tuple[int, ...]:
    """Pitch classes of a chord of the song, root first."""
    return chord_classes(plan.tonic, degree, minor=plan.minor, seventh=genre_named(plan.genre).sevenths)


def step_s(plan: SongPlan, bar: Bar, step: float) -> float:
    """Time of a sixteenth step in a bar, swung: off-beat eighths (and sixteenths of straight songs) come late."""
    beat, rest = divmod(step, 4.0)
    long_half = 0.5 + plan.swing * 0.5
    half = rest / 4.0
    warped = half * 2 * long_half if half < 0.5 else long_half + (half - 0.5) * 2 * (1 - long_half)
    return bar.start_s + (beat + warped) * plan.bar_s / 4.0


def humanised(rng: np.random.Generator, time_s: float, spread_s: float) -> float:
    """A time moved by a player's inexactness, never before the song starts."""
    return max(0.0, time_s + spread_s * float(np.clip(rng.standard_normal(), -2.0, 2.0)))


def struck(rng: np.random.Generator, velocity: float, share: float = 0.07) -> float:
    """A velocity varied by a player's inexactness."""
    return velocity * (1.0 + share * float(np.clip(rng.standard_normal(), -2.0, 2.0)))
