"""`python -m datagen verify FILE.parquet`: the oracle gives every label back, and every advice reads back to it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from datagen.label_check import CHECK_RATE, check_recipes
from datagen.recipe_table import read_info, read_recipes

SUMMARY = "check the labels of a file of recipes: by least squares on the audio, and by reading the advice back"
SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file and how much of it to check."""
    parser.add_argument("file", type=Path, help="a Parquet file made by build")
    parser.add_argument("--start", type=int, default=0, help="check from this recipe on")
    parser.add_argument("--count", type=int, help="check this many recipes (default: all)")
    parser.add_argument("--sample-rate", type=int, default=CHECK_RATE, help="Hz at which the audio is compared")


def run(arguments: argparse.Namespace) -> int:
    """Print what was checked and the first wrong labels. Exit status 0 when there is none, else 1."""
    info = read_info(arguments.file)
    result = check_recipes(
        read_recipes(arguments.file, start=arguments.start, count=arguments.count),
        sample_rate=arguments.sample_rate,
        progress=lambda done, total: print(f"\rexcerpt {done + 1} of {total}", end="", file=sys.stderr),
    )
    print(file=sys.stderr)
    print(f"{arguments.file}: {result.recipes} of {info.count} recipes checked on {result.excerpts} excerpts")
    print(f"wrong labels: {len(result.wrong)}")
    for wrong in result.wrong[:SHOWN]:
        print(f"  recipe {arguments.start + wrong.index}: {wrong.reason}")
    return 1 if result.wrong else 0
