"""Small files of recipes over small songs, made for tests."""

from __future__ import annotations

from pathlib import Path

import yaml

from datagen.__main__ import main
from datagen.candidates import Candidate, CandidatePool
from datagen.recipe_arrow import track_name
from datagen.recipe_settings import check_settings
from datagen.recipe_table import TableInfo, write_recipes
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import REFERENCE_KINDS, STEMS
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


def write_many(file: Path, *, count: int) -> Path:
    """A file of many recipes over songs that need not exist."""
    refs = [TrackRef("musdb18", f"Artist - Song {number}", "/data") for number in range(3)]
    pool = CandidatePool(
        tuple(
            Candidate(ExcerptRef(ref, start_s * RATE, 20 * RATE, RATE), STEMS, "rock", "chorus", "vocals")
            for ref in refs
            for start_s in (0, 30, 60)
        )
    )
    tracks = {track_name(ref): {"source": ref.source, "root": ref.root, "key": ref.key} for ref in refs}
    info = TableInfo(seed=5, count=count, stems=STEMS, config={"seed": 5}, tracks=tracks)
    settings = check_settings({"reference_kinds": dict.fromkeys(REFERENCE_KINDS, 1)})
    write_recipes(file, info, pool=pool, settings=settings)
    return file
