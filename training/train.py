"""Training of one adapter on the frozen base."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from datagen.disturbances import DisturbanceSettings
from datagen.generator import GENERATOR_VERSION
from datagen.words import STEMS
from training.ablations import ablated_example
from training.adapters import ADAPTER_FILE, add_lora, save_adapter
from training.advice_tasks import advice_example, shuffled_stems
from training.examples import Batch, Example, make_batch
from training.loss import label_table, taught_loss
from training.processes import is_main_process, require_even_shares
from training.prompts import PROMPT_VERSION
from training.run_config import AdapterConfig, ChatAdapterConfig, config_to_json
from training.run_folder import open_run_folder, write_results
from training.run_record import run_versions
from training.scenes import SceneSettings
from training.schedule import ALONE, Share, step_rng
from training.songs_cache import Songs, load_songs, songs_identity
from training.step_data import RunData
from training.tiny_base import Base, load_base
from training.trainer import train
from training.weights import Manifest, file_sha256, write_manifest

VALIDATION_SEED, VALIDATION_BATCHES = 0, 8


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
        RunData(
            lambda step, _, share: adapter_batch(base, songs, config, step=step, share=share),
            validate=_validation(base, config, log=log) if config.loop.validate_every else (),
        ),
        partial(taught_loss, table=label_table(base.tokenizer, soft_label_db=0.0)),
        settings=config.loop,
        seed=config.seed,
        folder=run_folder,
        log=log,
    )
    save_adapter(adapted, config.name, output)
    if is_main_process():
        write_adapter_manifest(
            output,
            config,
            base_sha256=base_hash,
            prompt_version=PROMPT_VERSION,
            reference_kinds=config.reference_kinds,
        )
        write_results(run, output)


def _validation(
    base: Base, config: AdapterConfig, *, log: Callable[[str], None]
) -> tuple[Callable[[Share], Batch], ...]:
    """Batches of other songs, the same for every seed, made anew each time: they take more memory than time."""
    count, spread = config.songs.validation, config.songs.spread
    songs = load_songs("validation", count=count, settings=base.features, spread=spread, log=log)
    unseeded = replace(config, seed=VALIDATION_SEED)

    def batch(share: Share, *, step: int) -> Batch:
        return adapter_batch(base, songs, unseeded, step=step, share=share)

    return tuple(partial(batch, step=step) for step in range(VALIDATION_BATCHES))


def adapter_batch(base: Base, songs: Songs, config: AdapterConfig, *, step: int, share: Share = ALONE) -> Batch:
    """A process's share of the examples of one step."""
    examples = adapter_examples(songs, config, step=step)
    mine = [examples[place] for place in share.places(len(examples))]
    return make_batch(mine, tokenizer=base.tokenizer, features=base.features)


def adapter_examples(songs: Songs, config: AdapterConfig, *, step: int) -> list[Example]:
    """The examples of one step."""
    rng = step_rng(config.seed, step)
    disturbances = DisturbanceSettings(two_stem_share=config.two_stem_share)
    settings = SceneSettings(disturbances, recombine_share=config.recombine_share)

    def draw(kinds: Mapping[str, float]) -> Example:
        order = shuffled_stems(rng) if config.shuffle_stems else STEMS
        return advice_example(rng, songs, shown=config.trained_on, kinds=kinds, settings=settings, order=order)

    return [
        ablated_example(draw, config.reference_kinds, audio=config.audio, reference_audio=config.reference_audio)
        for _ in range(config.batch_size)
    ]


def write_adapter_manifest(
    folder: Path,
    config: AdapterConfig | ChatAdapterConfig,
    *,
    base_sha256: str,
    prompt_version: str,
    reference_kinds: Iterable[str],
) -> None:
    """The manifest of a freshly written adapter."""
    write_manifest(
        folder,
        Manifest(
            kind="adapter",
            name=config.name,
            weights_sha256=file_sha256(folder / ADAPTER_FILE),
            base_sha256=base_sha256,
            prompt_version=prompt_version,
            generator_version=GENERATOR_VERSION,
            trained_on=config.trained_on,
            reference_kinds=tuple(reference_kinds),
            training={"config": config_to_json(config), "versions": run_versions()},
        ),
    )
