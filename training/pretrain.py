"""Pre-training of the tiny base on generalist tasks; tower, projector and language model are all trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

from datagen.generator import GENERATOR_VERSION
from training.examples import Batch, Example, make_batch
from training.loss import label_table, taught_loss
from training.pretraining_tasks import TASK_GROUPS, TASKS
from training.processes import is_main_process, require_even_shares
from training.prompts import PROMPT_VERSION
from training.run_config import PretrainConfig, Stage, config_to_json, group_sizes
from training.run_folder import open_run_folder, write_results
from training.run_record import run_versions
from training.schedule import Share, step_rng
from training.songs_cache import Songs, load_songs, songs_identity
from training.step_data import RunData
from training.tiny_base import Base, build_tiny_base, save_base
from training.trainer import train
from training.weights import Manifest, file_sha256, write_manifest


def pretrain(config: PretrainConfig, *, run_folder: Path, output: Path, log: Callable[[str], None] = print) -> None:
    """Train the base from random weights and write it to `output` with its manifest."""
    for stage in config.stages:
        for count in group_sizes(stage):
            require_even_shares(count, what="the number of a stage's examples in a group of tasks")
    base = build_tiny_base(config.size, seed=config.seed)
    songs = load_songs("train", count=config.songs.train, settings=base.features, spread=config.songs.spread, log=log)
    run = open_run_folder(run_folder, config, base_sha256="", data=songs_identity(songs))
    train(
        base.model,
        pretraining_data(base, songs, config),
        partial(taught_loss, table=label_table(base.tokenizer, soft_label_db=config.soft_label_db)),
        settings=config.loop,
        seed=config.seed,
        folder=run_folder,
        log=log,
    )
    if is_main_process():
        save_base(base, output)
        write_base_manifest(output, config)
        write_results(run, output)


def pretraining_data(base: Base, songs: Songs, config: PretrainConfig) -> RunData:
    """The batches of a run: one a group of tasks, whose mean is a step."""

    @lru_cache(maxsize=1)
    def groups(step: int) -> tuple[list[Example], ...]:
        return step_examples(songs, _stage_at(config.stages, step), seed=config.seed, step=step)

    def make(step: int, part: int, share: Share) -> Batch:
        examples = groups(step)[part]
        mine = [examples[place] for place in share.places(len(examples))]
        return make_batch(mine, tokenizer=base.tokenizer, features=base.features)

    return RunData(make, parts=len(TASK_GROUPS))


def step_examples(songs: Songs, stage: Stage, *, seed: int, step: int) -> tuple[list[Example], ...]:
    """The examples of one step, one list a group of tasks."""
    rng = step_rng(seed, step)
    return tuple(
        [TASKS[task](rng, songs) for task, count in stage.examples.items() if task in group for _ in range(count)]
        for group in TASK_GROUPS
    )


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
