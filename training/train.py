"""Training of one adapter on the frozen base."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch

from datagen.generator import GENERATOR_VERSION
from training.ablations import ablated_example
from training.adapters import ADAPTER_FILE, add_lora, save_adapter
from training.advice_tasks import advice_example
from training.examples import Batch, Example, make_batch
from training.loss import label_table, taught_loss
from training.processes import is_main_process, require_even_shares
from training.prompts import PROMPT_VERSION
from training.run_config import AdapterConfig, config_to_json
from training.run_folder import open_run_folder, write_results
from training.run_record import run_versions
from training.scenes import SceneSettings
from training.schedule import ALONE, Share, step_rng
from training.songs_cache import Songs, load_songs, songs_identity
from training.step_data import RunData
from training.tiny_base import Base, load_base
from training.trainer import train
from training.weights import Manifest, file_sha256, write_manifest


def train_adapter(
    config: AdapterConfig, *, base_folder: Path, run_folder: Path, output: Path, log: Callable[[str], None] = print
) -> None:
    """Train an adapter on the base in `base_folder` and write it to `output` with its manifest."""
    require_even_shares(config.batch_size, what="batch_size")
    base = load_base(base_folder)
    base_hash = file_sha256(base_folder / "model.safetensors")
    songs = load_songs("train", count=config.songs.train, settings=base.features, spread=config.songs.spread, log=log)
    run = open_run_folder(run_folder, config, base_sha256=base_hash, data=songs_identity(songs))
    torch.manual_seed(config.seed)
    adapted = add_lora(base.model, config.lora, name=config.name)
    train(
        adapted,
        RunData(lambda step, _, share: adapter_batch(base, songs, config, step=step, share=share)),
        partial(taught_loss, table=label_table(base.tokenizer, soft_label_db=0.0)),
        settings=config.loop,
        seed=config.seed,
        folder=run_folder,
        log=log,
    )
    save_adapter(adapted, config.name, output)
    if is_main_process():
        write_adapter_manifest(output, config, base_sha256=base_hash)
        write_results(run, output)


def adapter_batch(base: Base, songs: Songs, config: AdapterConfig, *, step: int, share: Share = ALONE) -> Batch:
    """A process's share of the examples of one step."""
    examples = adapter_examples(songs, config, step=step)
    mine = [examples[place] for place in share.places(len(examples))]
    return make_batch(mine, tokenizer=base.tokenizer, features=base.features)


def adapter_examples(songs: Songs, config: AdapterConfig, *, step: int) -> list[Example]:
    """The examples of one step."""
    rng = step_rng(config.seed, step)
    settings = SceneSettings(recombine_share=config.recombine_share)

    def draw(kinds: Mapping[str, float]) -> Example:
        return advice_example(rng, songs, shown=config.trained_on, kinds=kinds, settings=settings)

    return [
        ablated_example(draw, config.reference_kinds, audio=config.audio, reference_audio=config.reference_audio)
        for _ in range(config.batch_size)
    ]


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
