"""Items fetched ahead: same order, errors at their place, no thread left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from operator import itemgetter

import pytest

from training.prefetch import AheadLoader, ahead


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


def test_all_items_come_in_order() -> None:
    assert list(ahead(iter(range(50)), depth=3)) == list(range(50))
    assert "batches ahead" not in threads()


def test_the_next_items_are_made_before_they_are_asked_for() -> None:
    made = threading.Semaphore(0)

    def items() -> Iterator[int]:
        for k in range(9):
            made.release()
            yield k

    stream = ahead(items(), depth=2)
    assert next(stream) == 0
    # One asked for, two in the queue, one waiting for room.
    assert all(made.acquire(timeout=30) for _ in range(4))
    stream.close()


def test_an_error_is_raised_at_its_item() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LookupError("no second item")

    stream = ahead(items())
    assert next(stream) == 1
    with pytest.raises(LookupError, match="no second item"):
        next(stream)
    assert "batches ahead" not in threads()


def test_closing_early_ends_the_thread() -> None:
    stream = ahead(iter(range(10**9)), depth=2)
    assert [next(stream), next(stream)] == [0, 1]
    stream.close()
    assert "batches ahead" not in threads()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_loader_gives_the_data_sets_items_every_time(workers: int) -> None:
    data = [f"batch {k}" for k in range(7)]
    loader = AheadLoader(data, batch_size=1, collate_fn=itemgetter(0), num_workers=workers)
    assert len(loader) == 7
    assert list(loader) == list(loader) == data
