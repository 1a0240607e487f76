"""Batches fetched ahead by a thread, so that a step finds its batch ready.

A DataLoader with a worker process makes batches beside the training, but handing one over (file descriptors through
the worker's socket, unpickling) still takes milliseconds in the training's own thread: one percent of a step of the
tiny adapter. Here a second thread takes them over.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from torch.utils.data import DataLoader

Item = TypeVar("Item")


@dataclass(frozen=True)
class _Fetched(Generic[Item]):
    """What the thread hands over: an item, an error, or neither at the end."""

    items: tuple[Item, ...] = ()
    error: BaseException | None = None


def ahead(items: Iterator[Item], *, depth: int = 2) -> Iterator[Item]:
    """The same items in the same order, up to `depth` of them fetched before they are asked for.

    An error of `items` is raised where its item would have come. The thread ends with the iterator, also when that is
    closed early. Nothing is fetched before the first item is asked for.
    """
    fetched: queue.Queue[_Fetched[Item]] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_fetch, args=(items, fetched, stopped), name="batches ahead", daemon=True)
    thread.start()
    try:
        while True:
            next_one = fetched.get()
            if next_one.error is not None:
                raise next_one.error
            if not next_one.items:
                return
            yield next_one.items[0]
    finally:
        stopped.set()
        _make_room(fetched)
        thread.join()


def _fetch(items: Iterator[Item], fetched: queue.Queue[_Fetched[Item]], stopped: threading.Event) -> None:
    try:
        for item in items:
            fetched.put(_Fetched((item,)))
            if stopped.is_set():
                return
        fetched.put(_Fetched())
    except BaseException as error:  # the asking thread raises it
        fetched.put(_Fetched(error=error))


def _make_room(fetched: queue.Queue[Any]) -> None:
    """Empty the queue: the thread may be waiting to put one more item before it sees that it should stop."""
    while not fetched.empty():
        fetched.get_nowait()


class AheadLoader(DataLoader[Item]):
    """A DataLoader whose batches are fetched ahead; best with one worker process, which makes them."""

    def __iter__(self) -> Iterator[Item]:  # type: ignore[override]
        """The batches in order."""
        return ahead(iter(super().__iter__()))
