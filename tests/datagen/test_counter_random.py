"""Random numbers that depend on their position alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.counter_random import raw_words, uniforms_of


@given(st.integers(0, 10_000), st.integers(1, 50), st.sampled_from([4, 8, 16]))
def test_item_is_the_same_alone_and_in_a_slice(start, count, words_each):
    together = raw_words("stream", start, count, words_each=words_each)
    alone = raw_words("stream", start + count - 1, 1, words_each=words_each)
    np.testing.assert_array_equal(together[-1], alone[0])


def test_streams_differ_by_name():
    assert not np.array_equal(raw_words("a", 0, 4, words_each=4), raw_words("b", 0, 4, words_each=4))


def test_words_never_change_between_releases():
    # Stored recipes are replayed from these numbers: SHA-256 of the name keys Philox 4x64-10, counter 1 is item 0.
    philox = np.random.Philox(counter=0, key=_key_of("recipes 7"))
    np.testing.assert_array_equal(raw_words("recipes 7", 0, 2, words_each=4).ravel(), philox.random_raw(8))


def _key_of(name):
    import hashlib

    digest = hashlib.sha256(name.encode()).digest()
    return np.array([int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")], dtype=np.uint64)


def test_uniforms_fill_the_unit_interval():
    uniforms = uniforms_of(raw_words("u", 0, 5000, words_each=4))
    assert uniforms.min() >= 0.0
    assert uniforms.max() < 1.0
    assert uniforms.mean() == pytest.approx(0.5, abs=0.01)


def test_largest_word_stays_below_one():
    assert uniforms_of(np.array([2**64 - 1], dtype=np.uint64))[0] < 1.0


@pytest.mark.parametrize(("index", "words_each"), [(-1, 4), (0, 3)])
def test_impossible_positions_are_refused(index, words_each):
    with pytest.raises(ValueError):
        raw_words("u", index, 1, words_each=words_each)
