"""Which system stands on which side: permuted blocks over a session, balanced within every pair as well."""

from __future__ import annotations

import random
from collections.abc import Hashable, Sequence
from typing import TypeVar

Pair = TypeVar("Pair", bound=Hashable)
Value = TypeVar("Value")
BLOCK_SIZES = (2, 4)


def draw_side_blocks(count: int, rng: random.Random) -> list[list[bool]]:
    """Blocks of two or four sides, half of each; True puts a pair's first system in slot A.

    Together they hold `count` sides. An odd count ends with a block of one. So over all of them |left - right| <= 1,
    and <= 2 wherever somebody stops. Method: permuted blocks of random size (Efron 1971; ICH E9, 2.3.2).
    """
    blocks, left = [], count
    while left > 1:
        size = BLOCK_SIZES[int(rng.random() * 2)] if left >= max(BLOCK_SIZES) else 2
        blocks.append(shuffled([True, False] * (size // 2), rng))
        left -= size
    if left:
        blocks.append([rng.random() < 0.5])
    return blocks


def spread_pairs(sides: Sequence[bool], counts: Sequence[tuple[Pair, int]], rng: random.Random) -> list[Pair]:
    """A pair for every side, `counts` of each, so that within each pair the two sides differ by at most one.

    Pairs with an odd count share out the remainder at random. Raises ValueError when the counts do not add up.
    """
    if sum(count for _, count in counts) != len(sides):
        raise ValueError(f"{len(sides)} sides for {sum(count for _, count in counts)} trials")
    odd = [pair for pair, count in counts if count % 2]
    extra = sum(sides) - sum(count // 2 for _, count in counts)
    more_left = set(shuffled(odd, rng)[:extra])
    lefts = [pair for pair, count in counts for _ in range(count // 2 + (pair in more_left))]
    rights = [pair for pair, count in counts for _ in range(count - count // 2 - (pair in more_left))]
    pools = {True: shuffled(lefts, rng), False: shuffled(rights, rng)}
    return [pools[side].pop() for side in sides]


def shuffled(values: Sequence[Value], rng: random.Random) -> list[Value]:
    """A random order that every version of Python draws alike: it rests on random() alone."""
    keys = [rng.random() for _ in values]
    return [values[index] for index in sorted(range(len(values)), key=keys.__getitem__)]
