"""Training of one adapter on the frozen base."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import torch

from datagen.generator import GENERATOR_VERSION
from training.adapters import ADAPTER_FILE, add_lora, save_adapter
from training.advice_tasks import advice_example
from training.examples import Batch, make_batch
from training.loop import step_rng, train
from training.loss import label_table
from training.prompts import PROMPT_VERSION
from training.run_config import AdapterConfig, config_to_json
from training.run_record import run_versions
from training.scenes import SceneSettings
from training.songs_cache import Songs, load_songs
from training.tiny_base import Base, load_base
from training.weights import Manifest, file_sha256, write_manifest


def train_adapter(
    config: AdapterConfig, *, base_folder: Path, run_folder: Path, output: Path, log: Callable[[str], None] = print
) -> None:
    """Train an adapter on the base in `base_folder` and write it to `output` with its manifest."""
    base = load_base(base_folder)
    songs = load_songs("train", count=config.songs.train, settings=base.features, spread=config.songs.spread, log=log)
    run_folder.mkdir(parents=True, exist_ok=True)
    (run_folder / "config.json").write_text(json.dumps(config_to_json(config), indent=2), encoding="utf-8")
    torch.manual_seed(config.seed)
    adapted = add_lora(base.model, config.lora, name=config.name)
    train(
        adapted,
        lambda step: [adapter_batch(base, songs, config, step=step)],
        label_table(base.tokenizer, soft_label_db=0.0),
        settings=config.loop,
        folder=run_folder,
        log=log,
    )
    save_adapter(adapted, config.name, output)
    write_adapter_manifest(output, config, base_sha256=file_sha256(base_folder / "model.safetensors"))


def adapter_batch(base: Base, songs: Songs, config: AdapterConfig, *, step: int) -> Batch:
    """The examples of one step."""
    rng = step_rng(config.seed, step)
    settings = SceneSettings(recombine_share=config.recombine_share)
    examples = [
        advice_example(rng, songs, shown=config.trained_on, kinds=config.reference_kinds, settings=settings)
        for _ in range(config.batch_size)
    ]
    return make_batch(examples, tokenizer=base.tokenizer, features=base.features)


def write_adapter_manifest(folder: Path, config: AdapterConfig, *, base_sha256: str) -> None:
    """The manifest of a freshly written adapter."""
    write_manifest(
        folder,
        Manifest(
            kind="adapter",
            name=config.name,
            weights_sha256=file_sha256(folder / ADAPTER_FILE),
            base_sha256=base_sha256,
            prompt_version=PROMPT_VERSION,
            generator_version=GENERATOR_VERSION,
            trained_on=config.trained_on,
            reference_kinds=tuple(config.reference_kinds),
            training={"config": config_to_json(config), "versions": run_versions()},
        ),
    )
