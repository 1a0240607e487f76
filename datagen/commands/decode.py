"""`python -m datagen decode PATH`: decode every `.stem.mp4` of a folder once, before it is needed."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from datagen.decode_all import DecodePlan, decode_all, plan_decoding
from datagen.decoded_store import store_folder
from datagen.sources import recognise

SUMMARY = "decode the .stem.mp4 files of a folder into this host's cache, in parallel; run it again to go on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The path and how many files at a time."""
    parser.add_argument("path", help="a .stem.mp4 file or a folder of them")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="files decoded at a time (default: cores)"
    )


def run(arguments: argparse.Namespace) -> int:
    """State the size, decode, and report. Exit status 0 when everything is in the store."""
    source = recognise(arguments.path)
    paths = [path for track in source.tracks() for path in track.source_files if path.suffix == ".mp4"]
    plan = plan_decoding(paths)
    print(plan_line(plan))
    if plan.needed_bytes > plan.free_bytes:
        print("not enough room; free some, or set MIXTRIAL_CACHE to another disk", file=sys.stderr)
        return 1
    bar = ProgressBar(len(plan.pending))
    failures = (*plan.problems, *decode_all(plan.pending, jobs=max(arguments.jobs, 1), finished=bar.advance))
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def plan_line(plan: DecodePlan) -> str:
    """What is there, what is to come and how large it will be, in one line."""
    return (
        f"{plan.done} decoded already, {len(plan.pending)} to go: {plan.needed_bytes / 2**30:.2f} GiB into "
        f"{store_folder()} ({plan.free_bytes / 2**30:.1f} GiB free)"
    )


class ProgressBar:
    """A bar on a terminal, a line a file elsewhere."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0

    def advance(self, path: Path) -> None:
        """One more file is in the store."""
        self.done += 1
        if sys.stdout.isatty():
            filled = 30 * self.done // self.total
            end = "\n" if self.done == self.total else ""
            print(f"\r[{'#' * filled}{'.' * (30 - filled)}] {self.done} of {self.total}", end=end, flush=True)
        else:
            print(f"{self.done} of {self.total}: {path.name}", flush=True)
