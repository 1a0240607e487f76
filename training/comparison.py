"""All conditions side by side on the weights of one folder, over as many processes as there are cores.

Every process computes with one thread, so that the figures do not depend on how many cores there are.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import torch

from datagen.generator import GENERATOR_VERSION, song_keys
from training.adapters import ADAPTER_FILE, activate, load_adapter
from training.answering import AnyModel
from training.balance_spreads import SPREAD_FACTORS, measured_spread_db
from training.conditions import CONDITIONS, UNTUNED, Condition, needed_adapters, of_adapters
from training.evaluate import EvaluationSettings, score_condition
from training.features import FeatureSettings
from training.prompts import PROMPT_VERSION
from training.run_record import run_versions
from training.scenes import LEVEL_RANGE_DB
from training.score_rows import SCORES_FORMAT, Row, score_row
from training.songs_cache import Songs, load_songs
from training.tiny_base import Base, load_base
from training.weights import Manifest, WeightsError, read_manifest, require_same_base

SPREAD_SONGS, SPREAD_ITEMS_PER_SONG = 25, 8
Log = Callable[[str], None]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Job:
    """One condition on one set of songs."""

    weights: Path
    condition: Condition
    settings: EvaluationSettings


def compare_conditions(
    weights: Path,
    *,
    settings: EvaluationSettings | None = None,
    conditions: Sequence[Condition] = CONDITIONS,
    spreads: bool = True,
    strict: bool = False,
    processes: int = 1,
    log: Log = print,
) -> dict[str, Any]:
    """Scores of every condition whose adapter is there, as the plain data of scores.json.

    Conditions without their adapter are named under `skipped`. Raises WeightsError for weights that do not fit each
    other or the prompts, and with `strict` for every adapter that is missing.
    """
    chosen = settings or EvaluationSettings()
    manifests = checked_manifests(weights, conditions, strict=strict)
    scored = of_adapters(conditions, tuple(manifests))
    skipped = [condition.label for condition in conditions if condition not in scored]
    jobs = [Job(weights, condition, chosen) for condition in scored]
    at_spreads = spread_settings(chosen) if spreads else {}
    for settings_there in at_spreads.values():
        jobs += [Job(weights, c, settings_there) for c in scored if c.at_spreads]
    rows = run_jobs(jobs, processes=processes, log=log)
    return {
        **_facts(manifests, chosen),
        "skipped": skipped,
        "rows": [rows[Job(weights, condition, chosen)] for condition in scored],
        "spreads": [
            _spread(spread_db, each, [rows[Job(weights, c, each)] for c in scored if c.at_spreads])
            for spread_db, each in at_spreads.items()
        ],
    }


def checked_manifests(weights: Path, conditions: Sequence[Condition], *, strict: bool) -> dict[str, Manifest]:
    """The manifests of the base (under `base`) and of the adapters that are there, checked against each other."""
    base = read_manifest(weights / "base", weights_file="model.safetensors")
    if base.prompt_version != PROMPT_VERSION:
        raise WeightsError(
            f"{weights} was made with prompt version {base.prompt_version!r}, this code writes {PROMPT_VERSION!r}; "
            "make the weights again with `python -m training ship`"
        )
    needed = needed_adapters(conditions)
    missing = [name for name in needed if not (weights / name).is_dir()]
    if missing and strict:
        raise WeightsError(f"{weights} has no adapter {', '.join(missing)}; train it, or leave out --strict")
    found = {name: read_manifest(weights / name, weights_file=ADAPTER_FILE) for name in needed if name not in missing}
    for manifest in found.values():
        require_same_base(manifest, base)
    _require_names(found, conditions)
    return {"base": base, **found}


def _require_names(manifests: dict[str, Manifest], conditions: Sequence[Condition]) -> None:
    wrong = {
        f"{c.system} was trained on {manifests[c.system].trained_on}, the table says {c.trained_on}"
        for c in conditions
        if c.system in manifests and manifests[c.system].trained_on != c.trained_on
    }
    if wrong:
        raise WeightsError("; ".join(sorted(wrong)))


def spread_settings(settings: EvaluationSettings) -> dict[float, EvaluationSettings]:
    """The items at each balance spread in dB: fewer songs, otherwise as in the main table."""
    fewer = replace(settings, songs=min(SPREAD_SONGS, settings.songs), items_per_song=SPREAD_ITEMS_PER_SONG)
    return {spread_db: replace(fewer, spread=factor) for spread_db, factor in SPREAD_FACTORS.items()}


def _facts(manifests: dict[str, Manifest], settings: EvaluationSettings) -> dict[str, Any]:
    return {
        "format": SCORES_FORMAT,
        "split": settings.split,
        "songs": settings.songs,
        "items_per_song": settings.items_per_song,
        "items": settings.songs * settings.items_per_song,
        "seed": settings.seed,
        "task": {
            "clean_share": settings.disturbances.clean_share,
            "max_stems": settings.disturbances.max_stems,
            "smallest_db": min(settings.disturbances.magnitudes_db),
            "largest_db": max(settings.disturbances.magnitudes_db),
            "level_range_db": LEVEL_RANGE_DB,
        },
        "generator_version": GENERATOR_VERSION,
        "prompt_version": PROMPT_VERSION,
        "weights": {name: manifest.weights_sha256 for name, manifest in manifests.items()},
        "training_seeds": {name: m.training.get("config", {}).get("seed") for name, m in manifests.items()},
        "versions": run_versions(),
    }


def _spread(spread_db: float, settings: EvaluationSettings, rows: list[Row]) -> dict[str, Any]:
    keys = song_keys(settings.split, settings.songs)
    return {
        "spread_db": spread_db,
        "factor": settings.spread,
        "measured_db": round(measured_spread_db(keys, factor=settings.spread), 2),
        "songs": settings.songs,
        "items": settings.songs * settings.items_per_song,
        "rows": rows,
    }


def run_jobs(jobs: Sequence[Job], *, processes: int, log: Log) -> dict[Job, Row]:
    """The row of every job. Songs that are not in the cache yet are rendered first, set by set."""
    sets = list(dict.fromkeys((job.weights, job.settings) for job in jobs))
    with _mapper(processes) as run:
        for _, seconds in run(_prepare, sets):
            log(seconds)
        rows = {}
        for job, row in run(_score, jobs):
            rows[job] = row
            log(f"{len(rows)} of {len(jobs)}: {row['condition']}, spread factor {job.settings.spread:g}")
    return rows


Mapper = Callable[[Callable[[Any], Result], Sequence[Any]], Iterator[tuple[Any, Result]]]


@contextmanager
def _mapper(processes: int) -> Iterator[Mapper[Any]]:
    """A function that yields (argument, result) as results come in: here, or in processes of their own."""
    if processes <= 1:
        yield lambda function, arguments: ((each, function(each)) for each in arguments)
        return
    # A fresh interpreter each: a forked torch may hang in its thread pool.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:

        def run(function: Callable[[Any], Any], arguments: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
            futures = {pool.submit(function, each): each for each in arguments}
            return ((futures[future], future.result()) for future in as_completed(futures))

        yield run


def _prepare(weights_and_settings: tuple[Path, EvaluationSettings]) -> str:
    weights, settings = weights_and_settings
    _songs(settings.split, settings.songs, settings.spread, _weights(weights).features)
    return f"{settings.songs} songs of {settings.split} at spread factor {settings.spread:g} are ready"


def _score(job: Job) -> Row:
    torch.set_num_threads(1)
    base, condition = _weights(job.weights), job.condition
    songs = _songs(job.settings.split, job.settings.songs, job.settings.spread, base.features)
    items = score_condition(_model(job.weights, condition), base, songs, condition, settings=job.settings)
    return score_row(condition, items)


def _model(weights: Path, condition: Condition) -> AnyModel | None:
    if condition.system == UNTUNED:
        return _weights(weights).model
    if not condition.adapter:
        return None
    # On a base of its own: the untuned one stays untouched.
    adapted = _adapted(weights, condition.adapter)
    activate(adapted, condition.adapter)
    return adapted


@lru_cache(maxsize=1)
def _weights(weights: Path) -> Base:
    return load_base(weights / "base")


@lru_cache(maxsize=16)
def _adapted(weights: Path, name: str) -> Any:
    return load_adapter(load_base(weights / "base").model, weights / name, name=name)


@lru_cache(maxsize=8)
def _songs(split: str, count: int, spread: float, features: FeatureSettings) -> Songs:
    return load_songs(split, count=count, settings=features, spread=spread)
