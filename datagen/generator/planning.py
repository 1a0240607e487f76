"""Draws the plan of a song from its key."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from datagen.generator.genres import GENRES, Genre
from datagen.generator.keys import parse_key, pick, stream
from datagen.generator.levels import draw_levels
from datagen.generator.plan import Layer, Section, SongPlan
from datagen.generator.timbres import Timbre, numbers_of, tempi_of
from datagen.generator.titles import draw_title
from datagen.words import STEMS

SECTION_NAMES = {"I": "intro", "V": "verse", "P": "pre-chorus", "C": "chorus", "B": "bridge", "O": "outro"}
SECTION_ENERGY = {"intro": 0.45, "verse": 0.6, "pre-chorus": 0.75, "chorus": 1.0, "bridge": 0.55, "outro": 0.5}
FORMS: dict[int, tuple[str, ...]] = {
    5: ("IVCVC", "VCVBC"),
    6: ("IVCVCO", "IVPCVC", "VVCVCC"),
    7: ("IVVCVCO", "IVCVCBC", "IVPCVCC"),
    8: ("IVVCVCCO", "IVPCVPCO", "IVCVCBCC"),
    9: ("IVVCCVCCO", "IVVCVCBCC", "IVPCCVPCC"),
    10: ("IVVCCVVCCO", "IVPCCVPCCO", "IVVCCVBCCO"),
    11: ("IVVCCVVCCCO", "IVVPCCVPCCO", "IIVVCCVVCCO"),
    12: ("IVVPCCVVPCCO", "IVVCCVVCCBCC"),
    13: ("IVVPCCVVPCCBC", "IIVVCCVVCCBCC"),
}
"""Song forms by number of units; a unit is four bars, or two in slow songs."""

TAIL_S = 1.6
"""What the last notes may ring after the last bar."""

MIX_MEAN_LUFS = -19.0
MIX_SD_LU = 1.3


@lru_cache(maxsize=4096)
def plan_song(key: str, *, spread: float = 1.0) -> SongPlan:
    """The plan of a song: a pure function of its key and of the spread of balances.

    `spread` scales how far balances lie from the one fixed balance (0: all songs share it; 1: as real mixes vary).
    Raises UnknownSongError for a key that is not `split-00000`, ValueError for a spread outside 0 to 3.
    """
    split, _ = parse_key(key)
    if not 0.0 <= spread <= 3.0:
        raise ValueError(f"spread is {spread}; it must lie between 0 and 3")
    rng = stream(key, "plan")
    genre = pick(rng, GENRES)
    tempo_bpm = pick(rng, tempi_of(split, *genre.tempo_bpm))
    minor = bool(rng.random() < genre.minor_share)
    sections = _draw_sections(rng, genre, tempo_bpm, minor=minor)
    lead = pick(rng, genre.leads)
    levels_lu = draw_levels(genre, lead, stream(key, "levels"), spread=spread)
    loudness = stream(key, "loudness").standard_normal()
    numbers = numbers_of(split)
    return SongPlan(
        key=key,
        split=split,
        spread=spread,
        title=draw_title(stream(key, "title")),
        genre=genre.name,
        tempo_bpm=tempo_bpm,
        tonic=int(rng.integers(12)),
        minor=minor,
        swing=float(rng.uniform(*genre.swing)),
        sections=sections,
        duration_s=round(sections[-1].end_s + TAIL_S, 6),
        levels_lu=levels_lu,
        lead=lead,
        mix_lufs=round(MIX_MEAN_LUFS + MIX_SD_LU * float(np.clip(loudness, -2.0, 2.0)), 3),
        kit=Timbre("kit", pick(rng, genre.kits), pick(rng, numbers)),
        drum_style=pick(rng, genre.drum_styles),
        bass=Timbre("bass", pick(rng, genre.basses), pick(rng, numbers)),
        bass_style=pick(rng, genre.bass_styles),
        layers=_draw_layers(rng, genre, numbers),
        hook=_draw_hook(stream(key, "hook"), genre, numbers),
        voice=Timbre("voice", pick(rng, ("low", "high")), pick(rng, numbers)),
        vocal_style=pick(rng, genre.vocal_styles),
        harmony_vocals=bool(rng.random() < 0.55) and "spoken" not in genre.vocal_styles,
        room=Timbre("room", "room", pick(rng, numbers)),
        wet=tuple(round(float(rng.uniform(low, high)), 3) for low, high in _WET_RANGES),
    )


_WET_RANGES = ((0.05, 0.16), (0.0, 0.03), (0.1, 0.28), (0.1, 0.26))


def _draw_sections(rng: np.random.Generator, genre: Genre, tempo_bpm: int, *, minor: bool) -> tuple[Section, ...]:
    bar_s = 240.0 / tempo_bpm
    unit_bars = 4 if bar_s < 2.4 else 2
    target_s = rng.uniform(44.0, 68.0)
    units = int(np.clip(round(target_s / (unit_bars * bar_s)), 5, 13))
    form = pick(rng, FORMS[units])
    options = genre.minor if minor else genre.major
    verse, chorus, bridge = pick(rng, options), pick(rng, options), pick(rng, options)
    progressions = {"chorus": chorus, "bridge": bridge, "pre-chorus": bridge}
    sections: list[Section] = []
    position = 0
    while position < len(form):
        run = len(form[position:]) - len(form[position:].lstrip(form[position]))
        name = SECTION_NAMES[form[position]]
        start_bar = sections[-1].start_bar + sections[-1].bars if sections else 0
        bars = run * unit_bars
        sections.append(
            Section(
                name=name,
                start_bar=start_bar,
                bars=bars,
                start_s=round(start_bar * bar_s, 6),
                end_s=round((start_bar + bars) * bar_s, 6),
                energy=SECTION_ENERGY[name],
                progression=progressions.get(name, verse),
                playing=_draw_playing(rng, name, is_first=position == 0),
            )
        )
        position += run
    return tuple(sections)


def _draw_playing(rng: np.random.Generator, name: str, *, is_first: bool) -> tuple[bool, ...]:
    """Which stems play: all in a chorus, no vocals in an intro, now and then one rests elsewhere."""
    playing = dict.fromkeys(STEMS, True)
    playing["vocals"] = name != "intro" and not (name == "outro" and rng.random() < 0.6)
    if name in ("intro", "bridge", "outro") and rng.random() < 0.5:
        playing[pick(rng, ("drums", "bass"))] = False
    if name == "verse" and rng.random() < (0.3 if is_first else 0.12):
        playing[pick(rng, ("drums", "bass", "other"))] = False
    return tuple(playing[stem] for stem in STEMS)


def _draw_layers(rng: np.random.Generator, genre: Genre, numbers: tuple[int, ...]) -> tuple[Layer, ...]:
    sound, style = pick(rng, genre.comps)
    side = pick(rng, (-1.0, 1.0))
    layers = [Layer(Timbre("other", sound, pick(rng, numbers)), style, side * float(rng.uniform(0.1, 0.35)), 0.0)]
    for index in range(int(rng.integers(1, 3))):
        sound, style = pick(rng, genre.colours)
        pan = (-side if index == 0 else side) * float(rng.uniform(0.25, 0.6))
        timbre = Timbre("other", sound, pick(rng, numbers))
        layers.append(Layer(timbre, style, pan, float(rng.uniform(-6.0, -2.0))))
    return tuple(layers)


def _draw_hook(rng: np.random.Generator, genre: Genre, numbers: tuple[int, ...]) -> Layer:
    timbre = Timbre("other", pick(rng, genre.hooks), pick(rng, numbers))
    return Layer(timbre, "hook", float(rng.uniform(-0.25, 0.25)), float(rng.uniform(-2.0, 1.0)))
