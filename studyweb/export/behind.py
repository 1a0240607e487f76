"""Work done behind the caller's back: packing, hashing and encoding let other Python code run meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self


class Behind:
    """One thing after the other in a thread of its own, never more than one behind: so little is held in memory.

    What goes wrong is raised by the next call, or at the end.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        with self._thread:  # waits, also where the caller has failed
            if error[0] is None:
                self.wait()

    def do(self, work: Callable[..., object], *arguments: Any) -> None:
        """Begin this as soon as what was begun before is done."""
        self.wait()
        self._last = self._thread.submit(work, *arguments)

    def wait(self) -> None:
        """Until everything is done."""
        if self._last is not None:
            self._last.result()
            self._last = None
