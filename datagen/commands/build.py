"""`python -m datagen build SETTINGS.yaml FILE.parquet`: recipes as data, no audio."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from datagen.build_settings import BuildSettings, check_build_settings
from datagen.gate import Gate, pass_gate
from datagen.recipe_table import TableInfo, write_recipes
from datagen.sources.yaml_file import read_yaml_mapping

SUMMARY = "draw recipes into a Parquet file: excerpts, disturbances, references, levels, seeds; no audio is written"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The settings file, the file to write, and what may be overridden."""
    parser.add_argument(
        "settings", type=Path, help="a YAML file: seed, count, sources, recipes, excerpt_length_s, hop_s"
    )
    parser.add_argument("file", type=Path, help="the Parquet file to write")
    parser.add_argument("--count", type=int, help="draw this many recipes instead of the file's")
    parser.add_argument("--seed", type=int, help="use this seed instead of the file's")


def run(arguments: argparse.Namespace) -> int:
    """Check everything, pass the gate, write the file. Exit status 0."""
    settings = read_settings(arguments.settings, count=arguments.count, seed=arguments.seed)
    gate = pass_gate(settings, progress=lambda key: print(f"listening to {key}", file=sys.stderr))
    for reason in gate.left_out:
        print(f"left out: {reason}", file=sys.stderr)
    print(f"{len(gate.pool.candidates)} windows of {len(gate.tracks)} tracks passed the gate")
    began = time.perf_counter()
    write_recipes(arguments.file, table_info(settings, gate), pool=gate.pool, settings=settings.recipes)
    took_s, size_mb = time.perf_counter() - began, arguments.file.stat().st_size / 1e6
    print(f"{arguments.file}: {settings.count} recipes, {size_mb:.1f} MB, drawn and written in {took_s:.1f} s")
    return 0


def read_settings(path: Path, *, count: int | None = None, seed: int | None = None) -> BuildSettings:
    """The settings of a YAML file, count and seed replaced where given. Raises ValueError naming every mistake."""
    given = {"count": count, "seed": seed}
    data = read_yaml_mapping(path, unique_keys=True)
    return check_build_settings(data | {name: value for name, value in given.items() if value is not None})


def table_info(settings: BuildSettings, gate: Gate) -> TableInfo:
    """What the file will say about itself."""
    return TableInfo(
        seed=settings.seed, count=settings.count, stems=gate.stems, config=asdict(settings), tracks=gate.tracks
    )
