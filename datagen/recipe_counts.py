"""What a file of recipes contains, counted: the figures of its report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.disturbances import MAGNITUDES_DB
from datagen.recipe_table import parquet_file, read_info
from datagen.words import GRID_DB

READ_AT_ONCE = 65_536
NO_LEVEL = "none"
"""Recipes of this reference kind have no reference whose level could be compared."""


@dataclass
class RecipeCounts:
    """Recipes by what was drawn."""

    gains: Counter[float] = field(default_factory=Counter)
    """By gain in dB of every changed stem."""
    quieter: Counter[str] = field(default_factory=Counter)
    """Recipes in which each stem was made quieter."""
    louder: Counter[str] = field(default_factory=Counter)
    """Recipes in which each stem was made louder."""
    n_changed: Counter[int] = field(default_factory=Counter)
    """By number of changed stems."""
    audible: Counter[str] = field(default_factory=Counter)
    """Recipes in which each stem is audible."""
    n_audible: Counter[int] = field(default_factory=Counter)
    """By number of audible stems."""
    texts: dict[str, Counter[str]] = field(default_factory=dict)
    """By reference_kind, genre, section and lead; empty texts stand for what is not known."""
    levels: Counter[tuple[int, int]] = field(default_factory=Counter)
    """By common level of problem and of reference in tenths of a dB, where there is a reference."""
    windows: Counter[tuple[str, int]] = field(default_factory=Counter)
    """By track name and start in samples of the excerpt."""

    @property
    def tracks(self) -> Counter[str]:
        """Recipes by track name."""
        tracks: Counter[str] = Counter()
        for (track, _), n in self.windows.items():
            tracks[track] += n
        return tracks

    @property
    def changed(self) -> Counter[str]:
        """Recipes in which each stem was changed."""
        return self.quieter + self.louder


def count_recipes(path: Path) -> RecipeCounts:
    """Counts over a whole file, read in batches. Raises RecipeTableError as read_info does."""
    info = read_info(path)
    counts = RecipeCounts(texts={name: Counter() for name in ("reference_kind", "genre", "section", "lead")})
    for batch in parquet_file(path).iter_batches(batch_size=READ_AT_ONCE):
        _add_gains(counts, batch, info.stems)
        _add_texts(counts, batch)
        _add_levels(counts, batch)
        counts.windows.update(Counter(zip(*_lists(batch, "track", "start_samples"), strict=True)))
    return counts


def gain_counts(counts: RecipeCounts) -> dict[float, int]:
    """Changed stems by gain in dB, from -12 to +12, zero included."""
    grid = [-m for m in reversed(MAGNITUDES_DB)] + [0.0, *MAGNITUDES_DB]
    return {gain_db: counts.gains[gain_db] for gain_db in grid}


def level_differences(counts: RecipeCounts) -> dict[int, int]:
    """Recipes by problem level minus reference level in whole dB, without gaps; halves go up."""
    bins: Counter[int] = Counter()
    for (problem, reference), n in counts.levels.items():
        bins[(problem - reference + 5) // 10] += n
    return {difference_db: bins[difference_db] for difference_db in range(min(bins), max(bins) + 1)} if bins else {}


def level_table(counts: RecipeCounts) -> npt.NDArray[np.float64]:
    """Rows of problem level, reference level (dB) and number of recipes, shape (pairs, 3)."""
    rows = [(problem / 10.0, reference / 10.0, n) for (problem, reference), n in sorted(counts.levels.items())]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _add_gains(counts: RecipeCounts, batch: Any, stems: tuple[str, ...]) -> None:
    gains_db = np.stack([batch.column(f"disturbance_{stem}_db").to_numpy() for stem in stems], axis=1)
    steps, number = np.unique(np.round(gains_db / GRID_DB).astype(int), return_counts=True)
    counts.gains.update({float(step * GRID_DB): int(n) for step, n in zip(steps, number, strict=True) if step})
    counts.quieter.update(dict(zip(stems, np.count_nonzero(gains_db < 0, axis=0).tolist(), strict=True)))
    counts.louder.update(dict(zip(stems, np.count_nonzero(gains_db > 0, axis=0).tolist(), strict=True)))
    counts.n_changed.update(Counter(np.count_nonzero(gains_db, axis=1).tolist()))


def _add_texts(counts: RecipeCounts, batch: Any) -> None:
    for name, counter in counts.texts.items():
        counter.update(_value_counts(batch.column(name)))
    for audible, n in _value_counts(batch.column("audible")).items():
        stems = audible.split(",") if audible else []
        counts.audible.update(dict.fromkeys(stems, n))
        counts.n_audible[len(stems)] += n


def _add_levels(counts: RecipeCounts, batch: Any) -> None:
    kinds = np.array(batch.column("reference_kind").to_pylist(), dtype=object)
    columns = (batch.column(f"{name}_level_tenth_db").to_numpy() for name in ("problem", "reference"))
    pairs = np.stack(list(columns), axis=1)[kinds != NO_LEVEL]
    counts.levels.update(Counter(map(tuple, pairs.tolist())))


def _lists(batch: Any, *names: str) -> list[list[Any]]:
    return [batch.column(name).to_pylist() for name in names]


def _value_counts(column: Any) -> dict[str, int]:
    return {str(entry["values"]): entry["counts"] for entry in column.value_counts().to_pylist()}
