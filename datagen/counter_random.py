"""Random numbers by name and position: number `index` never depends on the ones before it."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

_WORDS_PER_BLOCK = 4
"""Philox 4x64 gives four words for each value of its counter."""


def raw_words(name: str, index: int, count: int, *, words_each: int) -> npt.NDArray[np.uint64]:
    """Random 64-bit words for the items index..index+count-1 of the stream called `name`, shape (count, words_each).

    Philox 4x64-10 (Salmon et al., SC 2011) keyed by the SHA-256 of the name, its counter being the item's position,
    so any slice of a stream is the same however it is asked for. Raises ValueError for a negative index or a
    `words_each` that is not a multiple of four.
    """
    if index < 0 or count < 0:
        raise ValueError(f"index {index} and count {count} must not be negative")
    if words_each % _WORDS_PER_BLOCK:
        raise ValueError(f"words_each is {words_each}, expected a multiple of {_WORDS_PER_BLOCK}")
    key = np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u8").astype(np.uint64)
    generator = np.random.Philox(counter=index * (words_each // _WORDS_PER_BLOCK), key=key)
    return generator.random_raw(count * words_each).reshape(count, words_each)


def uniforms_of(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Numbers in [0, 1) from 64-bit words: their top 53 bits."""
    return np.asarray(words >> np.uint64(11), dtype=np.float64) * 2.0**-53
