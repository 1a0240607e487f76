"""Genres: ranges of tempo, harmony, playing styles and sounds that a song is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

Progression = tuple[int, ...]
"""Scale degrees (0 = tonic), one chord a bar."""

POP_MAJOR: tuple[Progression, ...] = (
    (0, 4, 5, 3),
    (0, 5, 3, 4),
    (5, 3, 0, 4),
    (0, 3, 0, 4),
    (3, 4, 0, 5),
    (0, 2, 3, 4),
)
POP_MINOR: tuple[Progression, ...] = ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 3, 0, 6), (5, 6, 0, 0))
JAZZ_MAJOR: tuple[Progression, ...] = ((1, 4, 0, 5), (0, 5, 1, 4), (2, 5, 1, 4), (0, 3, 1, 4))
JAZZ_MINOR: tuple[Progression, ...] = ((0, 3, 1, 4), (0, 5, 1, 4), (3, 6, 2, 5))
MODAL: tuple[Progression, ...] = ((0, 0, 3, 0), (0, 0, 5, 6), (0, 6, 0, 6), (0, 0, 0, 3))


@dataclass(frozen=True)
class Genre:
    """What songs of a genre have in common. Ratios in LU, tempi in beats a minute, swing 0 (even) to 0.33 (triplet)."""

    name: str
    tempo_bpm: tuple[int, int]
    minor_share: float
    major: tuple[Progression, ...]
    minor: tuple[Progression, ...]
    kits: tuple[str, ...]
    drum_styles: tuple[str, ...]
    basses: tuple[str, ...]
    bass_styles: tuple[str, ...]
    comps: tuple[tuple[str, str], ...]
    """(sound, playing style) of the main accompaniment."""
    colours: tuple[tuple[str, str], ...]
    """(sound, playing style) of the second and third accompaniment."""
    vocal_styles: tuple[str, ...]
    hooks: tuple[str, ...]
    """Sounds of the short instrumental line."""
    lead_ratio_lu: float
    """Mean lead-to-accompaniment ratio at spread 1."""
    swing: tuple[float, float] = (0.0, 0.02)
    sevenths: bool = False
    leads: tuple[str, ...] = ("vocals", "vocals", "vocals", "vocals", "other", "drums")


# Signs of lead_ratio_lu follow Gerdes & Siedenburg (JASA Express Letters, 2023): positive for country, rap and
# pop, about 0 for rock, negative for metal, solo artists above bands. Sizes, and the genres not named there, are
# our choice.
GENRES: tuple[Genre, ...] = (
    Genre(
        "pop", (92, 128), 0.35, POP_MAJOR, POP_MINOR,
        ("electronic", "studio"), ("straight", "four", "sparse"),
        ("synth", "finger", "sub"), ("eighths", "kick", "held"),
        (("piano", "chords"), ("synth", "stabs"), ("clean", "strum")),
        (("pad", "held"), ("arp", "arpeggio"), ("strings", "held")),
        ("sung",), ("bell", "synth", "clean"), 1.5,
    ),
    Genre(
        "rock", (104, 152), 0.4, POP_MAJOR, POP_MINOR,
        ("rock", "studio"), ("straight", "driving"), ("pick", "finger"), ("eighths", "kick"),
        (("distorted", "power"), ("crunch", "power")),
        (("organ", "held"), ("clean", "arpeggio"), ("piano", "chords")),
        ("sung", "strong"), ("clean", "organ", "synth"), 0.0,
    ),
    Genre(
        "electronic", (112, 136), 0.6, POP_MAJOR, POP_MINOR + MODAL,
        ("electronic", "club"), ("four", "broken"), ("synth", "fm", "sub"), ("offbeat", "sixteenths", "kick"),
        (("synth", "stabs"), ("pad", "held")),
        (("arp", "arpeggio"), ("strings", "held"), ("bell", "arpeggio")),
        ("airy", "sung"), ("synth", "bell", "arp"), 0.0, leads=("vocals", "vocals", "drums", "other"),
    ),
    Genre(
        "hip-hop", (76, 100), 0.75, POP_MAJOR, POP_MINOR + MODAL,
        ("club", "vinyl"), ("boom", "trap"), ("sub", "synth"), ("kick", "held"),
        (("epiano", "chords"), ("bell", "arpeggio"), ("pluck", "arpeggio")),
        (("pad", "held"), ("strings", "held"), ("pluck", "arpeggio")),
        ("spoken",), ("bell", "pluck", "synth"), 2.5, (0.0, 0.12),
        leads=("vocals", "vocals", "vocals", "drums", "bass"),
    ),
    Genre(
        "singer-songwriter", (72, 108), 0.35, POP_MAJOR, POP_MINOR,
        ("brush", "studio"), ("sparse", "folk"), ("finger", "upright"), ("held", "fifths"),
        (("acoustic", "pick"), ("acoustic", "strum"), ("piano", "chords")),
        (("strings", "held"), ("pad", "held"), ("clean", "arpeggio")),
        ("sung", "airy"), ("piano", "clean", "strings"), 2.0, leads=("vocals",),
    ),
    Genre(
        "metal", (128, 172), 0.95, POP_MAJOR, POP_MINOR + MODAL,
        ("rock",), ("double", "driving"), ("pick",), ("sixteenths", "eighths"),
        (("distorted", "chug"), ("distorted", "power")),
        (("distorted", "held"), ("strings", "held"), ("organ", "held")),
        ("strong",), ("synth", "strings"), -2.5, leads=("vocals", "other", "other", "drums"),
    ),
    Genre(
        "country", (88, 132), 0.1, POP_MAJOR, POP_MINOR,
        ("studio", "brush"), ("train", "straight", "folk"), ("finger", "upright"), ("fifths",),
        (("acoustic", "strum"), ("clean", "pick")),
        (("pluck", "arpeggio"), ("piano", "chords"), ("strings", "held")),
        ("sung", "strong"), ("clean", "pluck"), 2.5, (0.0, 0.1), leads=("vocals", "vocals", "vocals", "other"),
    ),
    Genre(
        "reggae", (72, 96), 0.5, POP_MAJOR, POP_MINOR + MODAL,
        ("studio", "vinyl"), ("onedrop",), ("sub", "finger"), ("dub",),
        (("clean", "skank"), ("organ", "skank")),
        (("organ", "bubble"), ("piano", "skank"), ("brass", "stabs")),
        ("sung",), ("brass", "organ", "synth"), 0.5, (0.04, 0.16), leads=("vocals", "vocals", "bass"),
    ),
    Genre(
        "jazz", (96, 160), 0.4, JAZZ_MAJOR, JAZZ_MINOR,
        ("brush",), ("ride",), ("upright",), ("walking",),
        (("piano", "comp"), ("clean", "comp"), ("epiano", "comp")),
        (("brass", "stabs"), ("organ", "held"), ("strings", "held")),
        ("sung", "airy"), ("brass", "epiano", "clean"), 0.5, (0.24, 0.33),
        sevenths=True, leads=("vocals", "vocals", "other"),
    ),
    Genre(
        "soul", (84, 116), 0.5, JAZZ_MAJOR + POP_MAJOR, POP_MINOR,
        ("vinyl", "studio"), ("funk", "boom"), ("finger", "synth"), ("funk", "kick"),
        (("epiano", "chords"), ("clean", "funk"), ("organ", "held")),
        (("brass", "stabs"), ("strings", "held"), ("organ", "bubble")),
        ("sung", "strong"), ("brass", "epiano", "clean"), 1.0, (0.0, 0.14),
        sevenths=True, leads=("vocals", "vocals", "vocals", "bass", "drums"),
    ),
)  # fmt: skip


def genre_named(name: str) -> Genre:
    """The genre of that name. Raises KeyError."""
    return {genre.name: genre for genre in GENRES}[name]
