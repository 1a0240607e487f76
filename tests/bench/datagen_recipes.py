"""A million recipes as Parquet on one core; the gate that they are drawn from is built before and timed apart."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path

from datagen.build_settings import BuildSettings, check_build_settings
from datagen.candidates import Candidate, CandidatePool
from datagen.gate import Gate, pass_gate
from datagen.recipe_arrow import track_name
from datagen.recipe_table import TableInfo, write_recipes
from tests.bench.datagen_songs import BENCH, Sizes
from tests.bench.metric import Goal, Metric
from tests.bench.timing import cpu_seconds, measure_interleaved

GOAL_S, GOAL_MB = 5.0, 100.0
KINDS = {"same_passage": 4, "other_passage": 2, "previous_version": 2, "other_song": 1, "none": 1}


def measure_recipes(folder: Path, sizes: Sizes) -> list[Metric]:
    """Seconds of clock and CPU, bytes, and what the gate took. `folder` gets the Parquet file, alone in a folder."""
    settings = _settings(sizes)
    started, cpu_before = time.perf_counter(), cpu_seconds()
    songs = pass_gate(settings)
    gate_s = max(time.perf_counter() - started, cpu_seconds() - cpu_before)
    gate = _gate_of_many(songs, tracks=sizes.pool_tracks)
    out = folder / "recipes"
    out.mkdir()
    path, again = out / "recipes.parquet", folder / "again"
    info = TableInfo(settings.seed, settings.count, gate.stems, asdict(settings), gate.tracks)
    times = measure_interleaved(
        {
            "ours": lambda: write_recipes(path, info, pool=gate.pool, settings=settings.recipes),
            "limit": lambda: again.write_bytes(path.read_bytes()),
        },
        repeats=sizes.repeats,
    )
    ours, limit = times["ours"], times["limit"]
    written = {file: file.stat().st_size for file in out.rglob("*")}
    what, seconds = f"{sizes.recipes:,} recipes as Parquet", Goal("ours", "at_most", GOAL_S)
    drawn = f"of {len(gate.pool.candidates):,} windows of {len(gate.tracks)} tracks"
    return [
        Metric(
            BENCH, f"{what}, {drawn}, clock", "s", ours.median_s, None, None, limit.median_s, seconds,
            ours_best=ours.minimum_s, settles=_enough(sizes), why=_too_few(sizes),
        ),
        Metric(
            BENCH, f"{what}, {drawn}, CPU", "s", ours.cpu_median_s, None, None, limit.cpu_median_s, seconds,
            ours_best=ours.cpu_minimum_s, settles=_enough(sizes), why=_too_few(sizes),
        ),
        Metric(
            BENCH, f"{what}, all files written", "MB", sum(written.values()) / 1e6,
            goal=Goal("ours", "at_most", GOAL_MB), settles=_enough(sizes), why=_too_few(sizes),
        ),
        _gate_metric(songs, settings, gate_s),
    ]  # fmt: skip


def _gate_metric(songs: Gate, settings: BuildSettings, gate_s: float) -> Metric:
    """Seconds for each song, which are paid once for any number of recipes."""
    windows = len(songs.pool.candidates)
    return Metric(
        BENCH,
        f"gate before them, generating and measuring a song ({windows} windows of {settings.excerpt_length_s:g} s)",
        "s a song",
        gate_s / len(songs.tracks),
        why="timed apart: it is built once before recipes are drawn",
    )


def _settings(sizes: Sizes) -> BuildSettings:
    return check_build_settings(
        {
            "seed": 1,
            "count": sizes.recipes,
            "sources": [{"procedural": "train", "songs": sizes.gate_songs}],
            "recipes": {"reference_kinds": KINDS},
        }
    )


def _gate_of_many(gate: Gate, *, tracks: int) -> Gate:
    """The same windows under as many track names as a data set has, since names and lookups cost too."""
    of_track = {ref: [gate.pool.candidates[row] for row in rows] for ref, rows in gate.pool.rows_of_track.items()}
    refs = list(of_track)
    candidates: list[Candidate] = []
    about = {}
    for number in range(tracks):
        ref = refs[number % len(refs)]
        renamed = replace(ref, key=f"{ref.key} {number:03d}")
        candidates += [replace(each, excerpt=replace(each.excerpt, track=renamed)) for each in of_track[ref]]
        about[track_name(renamed)] = {**gate.tracks[track_name(ref)], "key": renamed.key}
    return Gate(CandidatePool(tuple(candidates)), gate.stems, about, ())


def _enough(sizes: Sizes) -> bool:
    return sizes.recipes >= Sizes.recipes


def _too_few(sizes: Sizes) -> str:
    return "" if _enough(sizes) else f"{sizes.recipes:,} recipes; the goal speaks of {Sizes.recipes:,}"
