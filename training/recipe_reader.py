"""Triplets of a file of recipes by their places, with one reading of the file for a whole run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from datagen.recipe_table import read_info
from datagen.triplets import Triplet, iterate_triplets


class TripletReader:
    """Makes a triplet when it is asked for, at one sample rate (Hz); checks each track's files once."""

    def __init__(self, path: Path, *, sample_rate: int) -> None:
        self.info = read_info(path)
        self._asked: deque[int] = deque()
        self._triplets = iterate_triplets(path, places=self._places(), sample_rate=sample_rate)

    def __len__(self) -> int:
        """Recipes in the file."""
        return self.info.count

    def at(self, place: int) -> Triplet:
        """The triplet of one recipe. Raises RecipeTableError, SourceError and TripletError."""
        self._asked.append(place)
        return next(self._triplets)

    def _places(self) -> Iterator[int]:
        while True:
            yield self._asked.popleft()


@lru_cache(maxsize=4)
def order(count: int, *, seed: int, epoch: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The places of a file in the order in which one pass over it takes them; another one every pass."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def place_of(index: int, *, count: int, seed: int) -> int:
    """The place in the file of a run's example number `index`."""
    epoch, within = divmod(index, count)
    return int(order(count, seed=seed, epoch=epoch)[within])
