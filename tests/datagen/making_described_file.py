"""A file of recipes over one generated song, to be described in tests."""

from __future__ import annotations

from pathlib import Path

from datagen.candidates import Candidate, CandidatePool
from datagen.recipe_arrow import track_name
from datagen.recipe_settings import check_settings
from datagen.recipe_table import TableInfo, write_recipes
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import REFERENCE_KINDS, STEMS

RATE = 44_100
REF = TrackRef("procedural", "test-00000")
KINDS = {kind: 1 for kind in REFERENCE_KINDS if kind != "other_song"}


def write_file(
    path: Path, *, genre: str = "", kinds: dict[str, int] = KINDS, clean: bool = False, **about: object
) -> Path:
    """400 recipes from two passages of a generated song."""
    pool = CandidatePool(
        tuple(
            Candidate(ExcerptRef(REF, start_s * RATE, 4 * RATE, RATE), STEMS, genre, "chorus", "vocals")
            for start_s in (10, 14)
        )
    )
    known = {"source": REF.source, "root": "", "key": REF.key, "licence": "CC0-1.0", "attribution": "<Nobody>"}
    given = {"reference_kinds": kinds, "disturbance": {"clean_share": 1.0 if clean else 0.2}}
    config = {"seed": 3, "recipes": {"disturbance": given["disturbance"], "reference_kinds": [[k, 1.0] for k in kinds]}}
    info = TableInfo(seed=3, count=400, stems=STEMS, config=config, tracks={track_name(REF): known | about})
    write_recipes(path, info, pool=pool, settings=check_settings(given))
    return path
