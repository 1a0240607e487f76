"""What the demo prints: a line a step, with progress where a step takes more than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

REDRAW_S = 0.2
QUIET_REDRAW_S = 5.0


class Step:
    """One running step; `show` may be called as often as one likes."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self._shown_at = self.started
        self._terminal = sys.stderr.isatty()

    def show(self, share: float, message: str = "") -> None:
        """Progress 0..1 and a few words."""
        now = time.monotonic()
        if now - self._shown_at < (REDRAW_S if self._terminal else QUIET_REDRAW_S):
            return
        self._shown_at = now
        self._write(f"  {self.title} … {100 * share:3.0f} %  {now - self.started:.0f} s  {message}", end="")

    def finish(self, words: str = "") -> None:
        """The step is over."""
        self._write(f"  {self.title}  {time.monotonic() - self.started:.1f} s{f'  {words}' if words else ''}", end="\n")

    def _write(self, line: str, *, end: str) -> None:
        if self._terminal:
            sys.stderr.write(f"\r{line[:110]:<110}{end}")
        else:
            sys.stderr.write(f"{line.rstrip()}\n")
        sys.stderr.flush()


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step while it runs, and how long it took."""
    running = Step(title)
    yield running
    running.finish()


def say(text: str = "") -> None:
    """A line on standard error; standard output holds the check's JSON alone."""
    print(text, file=sys.stderr, flush=True)
