"""`python -m datagen render FILE.parquet OUT`: chosen triplets as 24-bit FLAC files, for who wants files."""

from __future__ import annotations

import argparse
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

from datagen.commands.decode import ProgressBar
from datagen.render_plan import RenderPlan, RenderRequest, gib, plan_render
from datagen.triplet_files import LIST_FILE, PARTIAL, folder_name, write_list, write_triplet
from datagen.triplets import TripletError, iterate_triplets

SUMMARY = "write chosen recipes as FLAC: problem and reference stems, both mixes, one line about each; resumable"
LOCK_FILE = ".render.lock"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, the folder, which recipes, and what the audio is for."""
    parser.add_argument("file", type=Path, help="a Parquet file made by build")
    parser.add_argument("out", type=Path, help="the folder to write into; whole triplets that lie there are kept")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--items", nargs="+", default=[], metavar="N", help="recipes by place from 0: 3 7 10-19")
    which.add_argument("--first", type=int, metavar="N", help="the first N recipes (default: all)")
    parser.add_argument("--sample-rate", type=int, metavar="HZ", help="resample the stems (default: each track's own)")
    parser.add_argument("--reasons", action="store_true", help="advice with reasons measured in the problem")
    parser.add_argument(
        "--private",
        action="store_true",
        help="also render tracks that may not be published: you state that their audio stays on this machine",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check, say the size, render, list. Exit status 0 when every triplet asked for is there."""
    plan = plan_render(RenderRequest(**{each.name: getattr(arguments, each.name) for each in fields(RenderRequest)}))
    print(_plan_line(plan, arguments.out), flush=True)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with _alone_in(arguments.out):
        _render(plan, arguments)
        print(f"{arguments.out / LIST_FILE}: {write_list(arguments.out)} triplets")
    return 0


def _plan_line(plan: RenderPlan, out: Path) -> str:
    return (
        f"{plan.done} triplets rendered already, {len(plan.pending)} to go: at most {gib(plan.needed_bytes)} "
        f"into {out} ({gib(plan.free_bytes)} free)"
    )


def _render(plan: RenderPlan, arguments: argparse.Namespace) -> None:
    bar = ProgressBar(len(plan.pending))
    triplets = iterate_triplets(
        arguments.file, places=plan.pending, sample_rate=arguments.sample_rate, reasons=arguments.reasons
    )
    for place, triplet in zip(plan.pending, triplets, strict=True):
        try:
            write_triplet(triplet, arguments.out, place=place, info=plan.info)
        except OSError as error:
            raise TripletError(
                f"{arguments.out}: recipe {place} could not be written ({error.strerror or error}); {bar.done} of "
                f"{bar.total} are whole and stay. Run the same command again to go on"
            ) from error
        bar.advance(arguments.out / folder_name(place))


@contextmanager
def _alone_in(out: Path) -> Iterator[None]:
    """Keep a second render out of a folder, and clear what a killed one left half-written."""
    with (out / LOCK_FILE).open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TripletError(f"{out}: another render writes into this folder; wait for it") from error
        for left_over in out.glob(f"{PARTIAL}*"):
            shutil.rmtree(left_over)
        yield
