"""Recipes as a Parquet file, streamed out in row groups; seed, settings and sources are in its footer, written last."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datagen.candidates import CandidatePool
from datagen.pool_arrays import pool_arrays
from datagen.recipe_arrow import pool_texts, recipe_arrays
from datagen.recipe_columns import draw_columns
from datagen.recipe_settings import RecipeSettings
from datagen.recipes import Recipe
from datagen.requests import ExcerptRef, TrackRef

SCHEMA_VERSION = 1
METADATA_KEY = b"mixtrial"
ROWS_AT_ONCE = 100_000
COMPRESSION = "snappy"
"""zstd is a tenth smaller, but its reused contexts gave other bytes for the same data once in some twenty files."""


class RecipeTableError(ValueError):
    """A file of recipes cannot be read or written; the message says what, where and what to do."""


@dataclass(frozen=True)
class TableInfo:
    """What a file of recipes says about itself."""

    seed: int
    count: int
    stems: tuple[str, ...]
    config: dict[str, Any]
    """The settings file it was built from."""
    tracks: dict[str, dict[str, Any]]
    """By the name in the track columns: source, root, key, source_sha256, licence, attribution, what may be done."""
    schema_version: int = SCHEMA_VERSION


def write_recipes(
    path: Path,
    info: TableInfo,
    *,
    pool: CandidatePool,
    settings: RecipeSettings,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Draw info.count recipes and write them as Parquet, in row groups of 100,000.

    The file appears under its name only when it is complete; the same arguments and library versions give the same
    bytes. `progress` is told the recipes written. Raises RecipeTableError without pyarrow, OSError on a full disk.
    """
    pa, parquet = _pyarrow()
    arrays, texts = pool_arrays(pool), pool_texts(pool)

    def table(start: int) -> Any:
        count = min(ROWS_AT_ONCE, info.count - start)
        columns = draw_columns(info.seed, start, count, pool=pool, arrays=arrays, settings=settings, stems=info.stems)
        return pa.table(recipe_arrays(pa, columns, texts=texts, stems=info.stems, register=settings.register))

    first = table(0)
    schema = first.schema.with_metadata({METADATA_KEY: json.dumps(asdict(info), sort_keys=True).encode()})
    with _complete_or_absent(path) as draft, parquet.ParquetWriter(draft, schema, compression=COMPRESSION) as writer:
        for start in range(0, max(info.count, 1), ROWS_AT_ONCE):
            rows = first if start == 0 else table(start)
            writer.write_table(rows.replace_schema_metadata(schema.metadata))
            progress(min(start + ROWS_AT_ONCE, info.count))


def read_info(path: Path) -> TableInfo:
    """What a file of recipes says about itself. Raises RecipeTableError for a file that is none, or a newer one."""
    _, parquet = _pyarrow()
    try:
        metadata = parquet.read_schema(path).metadata or {}
        data = json.loads(metadata[METADATA_KEY])
    except (OSError, KeyError, ValueError) as error:
        raise RecipeTableError(f"{path}: not a complete file of recipes ({error}); build it again") from error
    if data["schema_version"] != SCHEMA_VERSION:
        raise RecipeTableError(f"{path}: schema version {data['schema_version']}, this version reads {SCHEMA_VERSION}")
    return TableInfo(**{**data, "stems": tuple(data["stems"])})


def read_recipes(path: Path, *, start: int = 0, count: int | None = None) -> Iterator[Recipe]:
    """The recipes of a file in order, read in batches. Raises RecipeTableError as read_info does."""
    info = read_info(path)
    end = info.count if count is None else min(info.count, start + count)
    at = 0
    for batch in parquet_file(path).iter_batches(batch_size=8192):
        low, high = max(start - at, 0), min(end - at, batch.num_rows)
        at += batch.num_rows
        if low < high:
            yield from (recipe_of_row(row, info) for row in batch.slice(low, high - low).to_pylist())


def parquet_file(path: Path) -> Any:
    """A file of recipes opened by pyarrow, to be read by row groups. Raises RecipeTableError without pyarrow."""
    _, parquet = _pyarrow()
    return parquet.ParquetFile(path)


def recipe_of_row(row: Mapping[str, Any], info: TableInfo) -> Recipe:
    """The recipe that one row of the file stands for."""
    problem = _excerpt(row, "", info)
    assert problem is not None
    return Recipe(
        excerpt=problem,
        audible=tuple(row["audible"].split(",")) if row["audible"] else (),
        disturbance_db=_gains(row, "disturbance", info),
        reference_kind=row["reference_kind"],
        reference_excerpt=_excerpt(row, "reference_", info),
        reference_gains_db=_gains(row, "reference_gain", info),
        problem_level_db=row["problem_level_tenth_db"] / 10.0,
        reference_level_db=row["reference_level_tenth_db"] / 10.0,
        seed=row["seed"],
        template_seed=row["template_seed"],
        register=row["register"],
        brief=row["brief"],
    )


def _excerpt(row: Mapping[str, Any], prefix: str, info: TableInfo) -> ExcerptRef | None:
    name = row[f"{prefix}track"]
    if name is None:
        return None
    track = info.tracks[name]
    ref = TrackRef(track["source"], track["key"], track["root"])
    start, length, rate = (row[f"{prefix}{part}"] for part in ("start_samples", "length_samples", "sample_rate"))
    return ExcerptRef(ref, start, length, rate)


def _gains(row: Mapping[str, Any], prefix: str, info: TableInfo) -> dict[str, float]:
    return {stem: gain_db for stem in info.stems if (gain_db := row[f"{prefix}_{stem}_db"])}


@contextmanager
def _complete_or_absent(path: Path) -> Iterator[Path]:
    """A file to write that takes its name when it is complete, and is gone when it is not.

    Its own lock, which ends with its process, tells a draft that a killed process left from one being written.
    """
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        _remove_abandoned(left)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _remove_abandoned(draft: Path) -> None:
    with contextlib.suppress(OSError), draft.open("rb") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise RecipeTableError("recipes as Parquet need pyarrow: pip install -r requirements/datasets.txt") from error
    return pyarrow, parquet
