"""What a file of recipes contains, counted: the figures of its report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datagen.disturbances import MAGNITUDES_DB
from datagen.recipe_table import RecipeTableError, read_info
from datagen.words import GRID_DB

READ_AT_ONCE = 65_536


@dataclass
class RecipeCounts:
    """Recipes by what was drawn."""

    gains: Counter[float] = field(default_factory=Counter)
    """By gain in dB of every changed stem."""
    changed_stems: Counter[str] = field(default_factory=Counter)
    n_changed: Counter[int] = field(default_factory=Counter)
    audible: Counter[str] = field(default_factory=Counter)
    """Recipes in which each stem is audible."""
    texts: dict[str, Counter[str]] = field(default_factory=dict)
    """By reference_kind, genre, section and lead."""
    level_difference: Counter[int] = field(default_factory=Counter)
    """By problem level minus reference level, in whole dB."""


def count_recipes(path: Path) -> RecipeCounts:
    """Counts over a whole file, read in batches. Raises RecipeTableError as read_info does."""
    info = read_info(path)
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise RecipeTableError("pyarrow is missing") from error
    counts = RecipeCounts(texts={name: Counter() for name in ("reference_kind", "genre", "section", "lead")})
    for batch in parquet.ParquetFile(path).iter_batches(batch_size=READ_AT_ONCE):
        _add(counts, batch, info.stems)
    return counts


def magnitude_bars(counts: RecipeCounts) -> dict[str, float]:
    """Changed stems by gain, from -12 to +12 dB."""
    grid = [-m for m in reversed(MAGNITUDES_DB)] + [0.0, *MAGNITUDES_DB]
    return {f"{gain_db:+g}" if gain_db else "0": float(counts.gains[gain_db]) for gain_db in grid}


def _add(counts: RecipeCounts, batch: Any, stems: tuple[str, ...]) -> None:
    gains_db = np.stack([batch.column(f"disturbance_{stem}_db").to_numpy() for stem in stems], axis=1)
    steps, number = np.unique(np.round(gains_db / GRID_DB).astype(int), return_counts=True)
    counts.gains.update({float(step * GRID_DB): int(n) for step, n in zip(steps, number, strict=True) if step})
    counts.changed_stems.update(dict(zip(stems, np.count_nonzero(gains_db, axis=0).tolist(), strict=True)))
    counts.n_changed.update(Counter(np.count_nonzero(gains_db, axis=1).tolist()))
    for name, counter in counts.texts.items():
        counter.update(_value_counts(batch.column(name)))
    for audible, n in _value_counts(batch.column("audible")).items():
        counts.audible.update(dict.fromkeys(audible.split(",") if audible else (), n))
    problem, reference = (batch.column(f"{name}_level_tenth_db").to_numpy() for name in ("problem", "reference"))
    counts.level_difference.update(Counter(np.round((problem - reference) / 10.0).astype(int).tolist()))


def _value_counts(column: Any) -> dict[str, int]:
    return {str(entry["values"]): entry["counts"] for entry in column.value_counts().to_pylist()}
