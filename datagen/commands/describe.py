"""`python -m datagen describe FILE.parquet`: a report with pictures, and a page that plays ten random triplets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from datagen.listening_page import listening_page
from datagen.recipe_counts import count_recipes
from datagen.recipe_report import report_page
from datagen.recipe_table import read_info, read_recipes
from datagen.recipes import Recipe

SUMMARY = "describe a file of recipes: one HTML report with pictures, and a page that plays some of its triplets"
N_EXAMPLES = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, where the pages go, and how many triplets to play."""
    parser.add_argument("file", type=Path, help="a Parquet file made by build")
    parser.add_argument("--out", type=Path, help="the report to write (default: FILE.html)")
    parser.add_argument("--play", type=int, default=10, help="triplets on the listening page; 0 for no such page")


def run(arguments: argparse.Namespace) -> int:
    """Write the report FILE.html and the listening page FILE-listen.html. Exit status 0."""
    info = read_info(arguments.file)
    report: Path = arguments.out or arguments.file.with_suffix(".html")
    examples = list(islice(read_recipes(arguments.file), N_EXAMPLES))
    report.write_text(report_page(arguments.file.name, info, count_recipes(arguments.file), examples), encoding="utf-8")
    print(report)
    if arguments.play > 0:
        listen = report.with_name(f"{report.stem}-listen.html")
        listen.write_text(listening_page(_some(arguments.file, info.count, arguments.play)), encoding="utf-8")
        print(listen)
    return 0


def _some(path: Path, count: int, wanted: int) -> Iterator[Recipe]:
    """Random recipes of a file, the same every time."""
    places = np.random.default_rng(0).choice(count, size=min(wanted, count), replace=False)
    for place in sorted(places.tolist()):
        yield from read_recipes(path, start=place, count=1)
