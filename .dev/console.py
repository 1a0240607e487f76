"""What ./dev prints: one line a step, with the seconds it took, and errors that say what to do."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

REDRAW_SECONDS = 0.5
"""How often the line of a running step changes in a terminal."""

LOG_LINE_SECONDS = 10.0
"""How often a running step prints a line where there is no terminal (a CI log)."""

WIDTH = 100


class DevError(Exception):
    """Something the user has to know and can act on; its text is the whole message."""


def say(text: str) -> None:
    """Print one line on standard error, so that standard output stays the product's own."""
    print(text, file=sys.stderr, flush=True)


def run_step(
    title: str,
    command: Sequence[str],
    *,
    log: Path,
    summarise: Callable[[str], str | None],
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run a command with its output in `log` and one line of progress; its exit status.

    `summarise` turns a line of output into the words that are shown, or None to keep the former ones.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    latest = [""]
    started = time.monotonic()
    with log.open("a", encoding="utf-8") as file:
        file.write(f"\n$ {' '.join(command)}\n")
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        )
        reader = threading.Thread(target=_copy_lines, args=(process, file, latest, summarise), daemon=True)
        reader.start()
        try:
            _show_until_done(title, process, latest, started)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        reader.join()
    _finish_line(title, process.returncode, time.monotonic() - started)
    return process.returncode


def _copy_lines(
    process: subprocess.Popen[str], file: TextIO, latest: list[str], summarise: Callable[[str], str | None]
) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        file.write(line)
        file.flush()
        words = summarise(line)
        if words is not None:
            latest[0] = words


def _show_until_done(title: str, process: subprocess.Popen[str], latest: list[str], started: float) -> None:
    terminal = sys.stderr.isatty()
    every = REDRAW_SECONDS if terminal else LOG_LINE_SECONDS
    while True:
        try:
            process.wait(timeout=every)
        except subprocess.TimeoutExpired:
            line = f"  {title} … {time.monotonic() - started:.0f} s  {latest[0]}"[:WIDTH]
            sys.stderr.write(f"\r{line:<{WIDTH}}" if terminal else f"{line}\n")
            sys.stderr.flush()
        else:
            return


def _finish_line(title: str, status: int, seconds: float) -> None:
    mark = "" if status == 0 else "  FAILED"
    line = f"  {title}  {seconds:.1f} s{mark}"
    say(f"\r{line:<{WIDTH}}".rstrip() if sys.stderr.isatty() else line)
