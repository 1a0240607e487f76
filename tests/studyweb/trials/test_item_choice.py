"""The choice of tracks, searched: whatever ties decide, item totals stay within one of each other where they can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from studyweb.trials.item_choice import Candidate, most_left

Totals = tuple[tuple[int, ...], ...]
"""For each track the trials of its items, less those of the item met least; both sorted."""


def shapes(n_items: int, largest: int) -> Iterator[list[int]]:
    """All ways to divide items over tracks."""
    if not n_items:
        yield []
    for size in range(min(n_items, largest), 0, -1):
        yield from ([size, *rest] for rest in shapes(n_items - size, size))


def feasible_designs(n_items: int) -> Iterator[tuple[list[int], int, int]]:
    """(items of each track, trials of a session, meetings per track) without a track that cannot keep up."""
    for sizes in shapes(n_items, n_items):
        for meetings in (1, 2, 3):
            for trials in range(1, n_items + 1):
                if max(sizes) * trials <= meetings * n_items:
                    yield sizes, trials, meetings


def after_a_session(start: Totals, trials: int, meetings: int) -> set[Totals]:
    """Every state that one session can leave; of a track's items met equally often any stands for all."""
    items = [Candidate(0, track, {"": total}) for track, totals in enumerate(start) for total in totals]
    items = [Candidate(item, each.track, each.filled) for item, each in enumerate(items)]
    ways: set[frozenset[int]] = {frozenset()}
    for _ in range(trials):
        ways = {way | {item} for way in ways for item in _next_items(items, way, meetings)}
    return {_state(items, way, len(start)) for way in ways}


def _next_items(items: Sequence[Candidate], way: frozenset[int], meetings: int) -> list[int]:
    picked = [items[item] for item in way]
    met = [each.track for each in picked]
    open_items = [each for each in items if each.item not in way and met.count(each.track) < meetings]
    unwanted = most_left(open_items, items, picked)
    tracks = [track for track, value in unwanted.items() if value == min(unwanted.values())]
    return [min((each.total, each.item) for each in open_items if each.track == track)[1] for track in tracks]


def _state(items: Sequence[Candidate], way: frozenset[int], tracks: int) -> Totals:
    totals = [each.total + (each.item in way) for each in items]
    rows: list[list[int]] = [[] for _ in range(tracks)]
    for each, total in zip(items, totals, strict=True):
        rows[each.track].append(total - min(totals))
    return tuple(sorted(tuple(sorted(row)) for row in rows))


def largest_gap(sizes: Sequence[int], trials: int, meetings: int) -> int:
    """Over every state that can ever come up; 2 as soon as there is such a state."""
    start: Totals = tuple(sorted((0,) * size for size in sizes))
    seen, todo = {start}, [start]
    while todo:
        for state in after_a_session(todo.pop(), trials, meetings) - seen:
            if max(map(max, state)) > 1:
                return max(map(max, state))
            seen.add(state)
            todo.append(state)
    return max(max(map(max, state)) for state in seen)


@pytest.mark.parametrize("n_items", range(1, 9))
def test_no_way_that_ties_can_fall_leaves_a_gap_of_two(n_items: int) -> None:
    for sizes, trials, meetings in feasible_designs(n_items):
        assert largest_gap(sizes, trials, meetings) <= 1, (sizes, trials, meetings)


def test_one_item_more_on_a_track_than_it_can_keep_up_with_leaves_a_gap_of_two() -> None:
    assert largest_gap([3, 1, 1, 1], 2, 1) == 1
    assert largest_gap([4, 1, 1, 1], 2, 1) == 2
