"""Small files of recipes over small songs, made for tests."""

from __future__ import annotations

from pathlib import Path

import yaml

from datagen.__main__ import main
from datagen.words import REFERENCE_KINDS
from tests.datagen.making_stems import RATE, Audio, noise, tone, write_song_wavs

PUBLISHABLE = "licence: CC BY 4.0\nattribution: The Testers (CC BY 4.0)\nmay_serve: true\nmay_publish: true\n"


def loud_song(seed: int, *, seconds: float = 10.0, rate: int = RATE) -> dict[str, Audio]:
    """Four stems whose sum nears full scale."""
    return {
        "drums": noise(seed, seconds=seconds, rate=rate, peak=0.4),
        "bass": tone(80 + seed, seconds=seconds, rate=rate, peak=0.4),
        "other": noise(seed + 50, seconds=seconds, rate=rate, peak=0.2),
        "vocals": tone(900 + seed, seconds=seconds, rate=rate, peak=0.3),
    }


def write_songs(folder: Path, *, songs: int = 2, settings: str = PUBLISHABLE) -> Path:
    """A plain folder of short songs with their stems.yaml."""
    for number in range(songs):
        write_song_wavs(folder / f"Song {number}", loud_song(number), mixture=False, subtype="FLOAT")
    stems = "".join(f"  {stem}: {stem}.wav\n" for stem in ("drums", "bass", "other", "vocals"))
    (folder / "stems.yaml").write_text(f"stems:\n{stems}{settings}")
    return folder


def build_recipes(file: Path, songs: Path, *, count: int = 40, seed: int = 7) -> Path:
    """A file of recipes of every reference kind, excerpts of four seconds."""
    settings = {
        "seed": seed,
        "count": count,
        "excerpt_length_s": 4,
        "sources": [{"path": str(songs)}],
        "recipes": {"reference_kinds": dict.fromkeys(REFERENCE_KINDS, 1)},
    }
    file.with_suffix(".yaml").write_text(yaml.safe_dump(settings))
    assert main(["build", str(file.with_suffix(".yaml")), str(file)]) == 0
    return file
