"""Recipes of a file by their places, in any order, without reading the whole file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from datagen.recipe_table import RecipeTableError, parquet_file, read_info, recipe_of_row
from datagen.recipes import Recipe

GROUPS_KEPT = 16
"""Row groups held in memory while places are visited in any order: 1.6 million recipes."""


def recipes_at(path: Path, places: Iterable[int]) -> Iterator[Recipe]:
    """The recipes at these places (0 is the first), in the order of the places.

    Only the row groups that hold one are read. Raises RecipeTableError as read_info does, and for a place outside
    the file.
    """
    info, file = read_info(path), parquet_file(path)
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    ends = np.cumsum(sizes)

    @lru_cache(maxsize=GROUPS_KEPT)
    def rows_of(group: int) -> Any:
        return file.read_row_group(group)

    for place in places:
        if not 0 <= place < info.count:
            raise RecipeTableError(f"{path}: it holds recipes 0 to {info.count - 1}, there is no {place}")
        group = int(np.searchsorted(ends, place, side="right"))
        (row,) = rows_of(group).slice(place - int(ends[group]) + sizes[group], 1).to_pylist()
        yield recipe_of_row(row, info)
