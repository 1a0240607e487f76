"""Pre-training of the tiny base on generalist tasks; tower, projector and language model are all trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from datagen.generator import GENERATOR_VERSION
from training.examples import Batch, make_batch
from training.loop import step_rng, train
from training.loss import label_table
from training.pretraining_tasks import TASKS
from training.prompts import PROMPT_VERSION
from training.run_config import PretrainConfig, Stage, config_to_json
from training.run_record import run_versions
from training.songs_cache import Songs, load_songs
from training.tiny_base import Base, build_tiny_base, save_base
from training.weights import Manifest, file_sha256, write_manifest

SHORT_TASKS = ("level", "difference", "sounding", "balance_of_mix", "say")
"""Tasks with at most two clips; batched apart from those with eight, so that little is padded."""


def pretrain(config: PretrainConfig, *, run_folder: Path, output: Path, log: Callable[[str], None] = print) -> None:
    """Train the base from random weights and write it to `output` with its manifest."""
    base = build_tiny_base(config.size, seed=config.seed)
    songs = load_songs("train", count=config.songs.train, settings=base.features, spread=config.songs.spread, log=log)
    run_folder.mkdir(parents=True, exist_ok=True)
    (run_folder / "config.json").write_text(json.dumps(config_to_json(config), indent=2), encoding="utf-8")
    train(
        base.model,
        lambda step: stage_batches(base, songs, _stage_at(config.stages, step), seed=config.seed, step=step),
        label_table(base.tokenizer, soft_label_db=config.soft_label_db),
        settings=config.loop,
        folder=run_folder,
        log=log,
    )
    save_base(base, output)
    write_base_manifest(output, config)


def stage_batches(base: Base, songs: Songs, stage: Stage, *, seed: int, step: int) -> Sequence[Batch]:
    """The batches of one step: short tasks together, long tasks together."""
    rng = step_rng(seed, step)
    groups: dict[bool, list[str]] = {True: [], False: []}
    for task, count in stage.examples.items():
        groups[task in SHORT_TASKS].extend([task] * count)
    return [
        make_batch([TASKS[task](rng, songs) for task in tasks], tokenizer=base.tokenizer, features=base.features)
        for tasks in groups.values()
        if tasks
    ]


def _stage_at(stages: Sequence[Stage], step: int) -> Stage:
    for stage in stages:
        if step < stage.steps:
            return stage
        step -= stage.steps
    return stages[-1]


def write_base_manifest(folder: Path, config: PretrainConfig) -> None:
    """The manifest of a freshly written base."""
    sha256 = file_sha256(folder / "model.safetensors")
    training = {"config": config_to_json(config), "versions": run_versions()}
    write_manifest(
        folder,
        Manifest("base", config.name, sha256, sha256, PROMPT_VERSION, GENERATOR_VERSION, training=training),
    )
