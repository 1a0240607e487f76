"""Song keys, splits, and the seeded random streams that every choice in a song is drawn from."""

from __future__ import annotations

import hashlib
import re
from typing import TypeVar

import numpy as np

GENERATOR_VERSION = "1"
"""Part of every seed: songs of another version are other songs."""

SPLITS: tuple[str, ...] = ("train", "validation", "test", "study")
Choice = TypeVar("Choice")
_KEY = re.compile(r"(train|validation|test|study)-(\d{5,9})")


class UnknownSongError(ValueError):
    """A song key or split that the generator does not have."""


def song_keys(split: str, count: int) -> tuple[str, ...]:
    """The first `count` keys of a split, for example `train-00017`; any index from 0 on is a valid song.

    Raises UnknownSongError for an unknown split or a negative count.
    """
    if split not in SPLITS:
        raise UnknownSongError(f"unknown split {split!r}; expected one of {', '.join(SPLITS)}")
    if count < 0:
        raise UnknownSongError(f"count of songs is {count}; it must be 0 or more")
    return tuple(f"{split}-{index:05d}" for index in range(count))


def parse_key(key: str) -> tuple[str, int]:
    """(split, index) of a song key. Raises UnknownSongError for anything that is not `split-00000`."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise UnknownSongError(f"unknown song {key!r}; expected a key such as train-00017")
    return match[1], int(match[2])


def stream(*parts: str | int) -> np.random.Generator:
    """A random stream of its own for each list of parts (counter-based, never global state)."""
    text = "/".join(str(part) for part in (GENERATOR_VERSION, *parts))
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def pick(rng: np.random.Generator, options: tuple[Choice, ...]) -> Choice:
    """One of the options, each as likely as the others."""
    return options[int(rng.integers(len(options)))]
