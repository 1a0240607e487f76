"""`python -m datagen describe FILE.parquet`: a report with pictures, and a page that plays ten random triplets."""

from __future__ import annotations

import argparse
import os
import sys
from itertools import islice
from pathlib import Path

import numpy as np

from datagen.fingerprint import sha256_of_file
from datagen.label_check import CheckResult, check_recipes
from datagen.listening_page import LISTENING_RATE, listening_page
from datagen.recipe_report import ReportFacts, report_page
from datagen.recipe_table import TableInfo, parquet_file, read_info, read_recipes
from datagen.sources import SourceError
from datagen.triplets import TripletError, iterate_triplets

SUMMARY = "describe a file of recipes: one HTML report with pictures, and a page that plays some of its triplets"
N_EXAMPLES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, where the pages go, how many triplets to play, and how many labels to check."""
    parser.add_argument("file", type=Path, help="a Parquet file made by build")
    parser.add_argument("--out", type=Path, help="the report to write (default: FILE.html)")
    parser.add_argument("--play", type=int, default=10, help="triplets on the listening page; 0 for no such page")
    parser.add_argument("--check", type=int, default=0, help="check the labels of this many recipes as verify does")


def run(arguments: argparse.Namespace) -> int:
    """Write the report FILE.html and the listening page FILE-listen.html. Exit status 0."""
    path: Path = arguments.file
    info = read_info(path)
    report: Path = arguments.out or path.with_suffix(".html")
    listen = report.with_name(f"{report.stem}-listen.html") if arguments.play > 0 else None
    if listen is not None:
        _write_whole(listen, _listening_page(path, info, wanted=arguments.play))
    facts = ReportFacts(
        path=path,
        size_bytes=path.stat().st_size,
        sha256=sha256_of_file(path),
        written_by=str(parquet_file(path).metadata.created_by),
        check=_check(path, arguments.check) if arguments.check > 0 else None,
        listening_page=listen.name if listen is not None else "",
    )
    _write_whole(report, report_page(facts, info, islice(read_recipes(path), N_EXAMPLES)))
    print(report, *([listen] if listen is not None else []), sep="\n")
    return 0


def _listening_page(path: Path, info: TableInfo, *, wanted: int) -> str:
    """The page for random recipes of a file, the same every time."""
    places = np.random.default_rng(0).choice(info.count, size=min(wanted, info.count), replace=False)
    try:
        return listening_page(iterate_triplets(path, places=sorted(places.tolist()), sample_rate=LISTENING_RATE), info)
    except (SourceError, TripletError) as error:
        raise TripletError(f"{error}\nThe report alone needs no audio: describe {path} --play 0") from error


def _check(path: Path, count: int) -> CheckResult:
    """The first recipes checked; each is drawn on its own, so they stand for the file."""
    if not sys.stderr.isatty():
        return check_recipes(read_recipes(path, count=count))
    result = check_recipes(
        read_recipes(path, count=count),
        progress=lambda done, total: print(f"\rexcerpt {done + 1} of {total}", end="", file=sys.stderr),
    )
    print(file=sys.stderr)
    return result


def _write_whole(path: Path, text: str) -> None:
    """Write a file that takes its name only when it is complete."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
