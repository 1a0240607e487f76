"""Sides in permuted blocks, and pairs spread over them."""

from __future__ import annotations

import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyweb.trials.sides import draw_side_blocks, shuffled, spread_pairs

SEEDS = st.integers(0, 2**32)


@given(st.integers(0, 60), SEEDS)
def test_left_and_right_differ_by_at_most_one_at_the_end_and_two_at_any_drop_out(count: int, seed: int) -> None:
    sides = [side for block in draw_side_blocks(count, random.Random(seed)) for side in block]
    surplus = list(accumulate(1 if side else -1 for side in sides)) or [0]
    assert len(sides) == count
    assert abs(surplus[-1]) <= 1
    assert max(map(abs, surplus)) <= 2


@given(st.integers(0, 60), SEEDS)
def test_blocks_hold_two_or_four_sides_and_an_odd_one_comes_last(count: int, seed: int) -> None:
    sizes = [len(block) for block in draw_side_blocks(count, random.Random(seed))]
    assert set(sizes[: count // 2]) <= {1, 2, 4}
    assert sizes.count(1) == count % 2
    assert 1 not in sizes[:-1]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), SEEDS)
def test_every_pair_gets_its_count_and_its_two_sides_differ_by_at_most_one(counts: list[int], seed: int) -> None:
    rng = random.Random(seed)
    sides = [side for block in draw_side_blocks(sum(counts), rng) for side in block]
    pairs = spread_pairs(sides, list(enumerate(counts)), rng)
    for pair, count in enumerate(counts):
        of_pair = [side for side, each in zip(sides, pairs, strict=True) if each == pair]
        assert len(of_pair) == count
        assert abs(sum(of_pair) - (count - sum(of_pair))) <= 1


def test_counts_that_do_not_add_up_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 sides for 3 trials"):
        spread_pairs([True, False], [("pair", 3)], random.Random(1))


def test_each_side_comes_first_about_as_often() -> None:
    firsts = [draw_side_blocks(6, random.Random(seed))[0][0] for seed in range(2_000)]
    assert 0.46 < sum(firsts) / len(firsts) < 0.54


@given(st.lists(st.integers()), SEEDS)
def test_shuffling_keeps_what_is_there(values: list[int], seed: int) -> None:
    assert sorted(shuffled(values, random.Random(seed))) == sorted(values)
