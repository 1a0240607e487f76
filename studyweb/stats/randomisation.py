"""The side-randomisation test: what would the preference be had the stored draw put the systems on other sides?

Sharp null: which slot is chosen does not depend on which system stands in it. Then the stored choices of slots stay as
they are while the sides are drawn again by the mechanism that drew them, and the preference rates so found are what
chance makes. Exact whatever participants, tracks and places on the page do (Fisher 1935; Rosenberger, Uschner & Wang
2019, Stat. Med. 38). It says nothing about other tracks and gives no interval: it stands beside the primary, never
instead of it.

The mechanism: within a participant the sides of the scored trials are permuted blocks, half on each side (a block of
one is a coin), and within every pair of systems the sides differ by at most one. Given which pair stood at which place
all such sequences are equally likely, so blocks are drawn again until the pairs come out even.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.not_fitted import NotFitted

BoolArray = NDArray[np.bool_]

DRAWS = 9_999
SEED = 1
"""Draws are the same every time, so that a report's numbers can be made again."""
MOST_TRIES = 400
"""Batches drawn for one session before its draw is called too rare to repeat."""
BATCH = 4_096
ROUNDING = 1e-9


class StoredDrawError(ValueError):
    """Sides that the stored blocks cannot have made: what is wrong is said in words."""


@dataclass(frozen=True)
class SessionSides:
    """One participant's scored trials in order, of all pairs, answered or not.

    block_sizes: [n] the stored size of each trial's block; pair: [n] codes of the pairs; first_in_a: [n] the stored
    side of each pair's first system; slot_a: [n] 1 where slot A was chosen in a trial of the pair in question, 1/2 no
    preference, 0 slot B, NaN in all other trials.
    """

    block_sizes: Sequence[int]
    pair: IntArray
    first_in_a: BoolArray
    slot_a: FloatArray


@dataclass(frozen=True)
class RandomisationTest:
    """The observed preference rate against those of re-drawn sides."""

    rate: float
    """Of the pair's first system, ties as half."""
    p_value: float
    """Two-sided: share of the draws, the stored one among them, at least as far from one half."""
    expected_spread: float
    """Standard deviation of the rate under the null."""
    draws: int
    n_answers: int
    n_participants: int
    null: str = "in no trial did the choice of a slot depend on which system stood in it"


def randomisation_test(
    sessions: Sequence[SessionSides], *, draws: int = DRAWS, seed: int = SEED
) -> RandomisationTest | NotFitted:
    """The p value of the sharp null, or the reason why it cannot be had.

    Raises StoredDrawError where stored sides do not fit the stored blocks.
    """
    for number, session in enumerate(sessions, start=1):
        if reason := _why_impossible(session):
            raise StoredDrawError(f"session {number}: {reason}")
    used = [session for session in sessions if not np.isnan(session.slot_a).all()]
    n_answers = sum(int((~np.isnan(session.slot_a)).sum()) for session in used)
    if n_answers == 0:
        return NotFitted("no answers")
    rng = np.random.default_rng(seed)
    total = np.zeros(draws)
    for session in used:
        sides = _drawn_again(session, draws, rng)
        if sides is None:
            return NotFitted("sides that keep every pair even are too rare to be drawn again")
        total += _wins(session, sides)
    observed = float(sum(_wins(session, session.first_in_a[None])[0] for session in used))
    far = np.abs(total - n_answers / 2) >= abs(observed - n_answers / 2) - ROUNDING
    return RandomisationTest(
        rate=observed / n_answers,
        p_value=(1 + int(far.sum())) / (1 + draws),
        expected_spread=float(total.std()) / n_answers,
        draws=draws,
        n_answers=n_answers,
        n_participants=len(used),
    )


def _wins(session: SessionSides, sides: BoolArray) -> FloatArray:
    """[draws] how often the first system would have been chosen with these sides [draws, n]."""
    is_answered = ~np.isnan(session.slot_a)
    for_a = session.slot_a[is_answered]
    wins: FloatArray = np.where(sides[:, is_answered], for_a, 1 - for_a).sum(axis=1)
    return wins


def _blocks(sizes: Sequence[int]) -> list[int]:
    """The sizes of the blocks, each once, from the size that stands at every trial."""
    blocks, place = [], 0
    while place < len(sizes):
        blocks.append(int(sizes[place]))
        place += max(blocks[-1], 1)
    return blocks


def _why_impossible(session: SessionSides) -> str:
    lengths = {len(session.block_sizes), session.pair.size, session.first_in_a.size, session.slot_a.size}
    if len(lengths) != 1:
        return f"columns of unequal length: {sorted(lengths)}"
    blocks = _blocks(session.block_sizes)
    if [size for size in blocks for _ in range(size)] != list(session.block_sizes):
        return f"the stored blocks {list(session.block_sizes)} do not fill the session"
    if any(size > 1 and size % 2 for size in blocks):
        return f"a block of {max(size for size in blocks if size % 2)} has no half"
    ends = np.cumsum(blocks)
    parts = np.split(session.first_in_a, ends[:-1]) if blocks else []
    if any(part.size > 1 and 2 * part.sum() != part.size for part in parts):
        return "a block does not hold half of the sides each"
    if not _is_even(session, session.first_in_a[None])[0]:
        return "a pair's sides differ by more than one"
    return ""


def _is_even(session: SessionSides, sides: BoolArray) -> BoolArray:
    """[draws] whether within every pair the sides differ by at most one."""
    even = np.ones(len(sides), dtype=np.bool_)
    for pair in np.unique(session.pair):
        of_pair = sides[:, session.pair == pair]
        even &= np.abs(2 * of_pair.sum(axis=1) - of_pair.shape[1]) <= 1
    return even


def _drawn_again(session: SessionSides, draws: int, rng: np.random.Generator) -> BoolArray | None:
    """[draws, n] sides from the same blocks with every pair even; None where that is too rare."""
    accepted: list[BoolArray] = []
    count = 0
    for _ in range(MOST_TRIES):
        sides = _block_sides(_blocks(session.block_sizes), min(BATCH, 2 * draws), rng)
        accepted.append(sides[_is_even(session, sides)])
        count += len(accepted[-1])
        if count >= draws:
            return np.concatenate(accepted)[:draws]
    return None


def _block_sides(blocks: Sequence[int], draws: int, rng: np.random.Generator) -> BoolArray:
    parts = []
    for size in blocks:
        keys = rng.random((draws, size))
        parts.append(keys < 0.5 if size == 1 else keys.argsort(axis=1) < size // 2)
    return np.concatenate(parts, axis=1)
