"""Training on what producers preferred: direct preference optimisation of one adapter against its frozen start.

Loss: -log sigmoid(beta * ((log p - log p_ref)(chosen) - (log p - log p_ref)(rejected))), sums over the advice's tokens
(Rafailov et al. 2023, arXiv 2305.18290, eq. 7). The reference is the adapter as it was at the start, so its part is
measured once, before the first step.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from peft import PeftModel

from training.adapters import ADAPTER_FILE, activate, load_adapter, save_adapter
from training.config_files import RunConfigError
from training.dpo_config import DpoConfig, load_dpo_config
from training.dpo_data import PairExamples, pair_examples, read_pairs, readable, require_other_tracks
from training.examples import Batch, make_batch
from training.loss import logits_at
from training.processes import is_main_process, process_count
from training.run_config import CONFIG_FOLDER
from training.run_folder import open_run_folder
from training.run_record import run_versions
from training.schedule import Share, step_rng
from training.step_data import RunData
from training.tiny_base import Base, load_base
from training.trainer import train
from training.weights import Manifest, file_sha256, read_manifest, require_same_base, write_manifest

DEFAULT_CONFIG = CONFIG_FOLDER / "dpo" / "stems_ref.yaml"
Log = Callable[[str], None]


@dataclass
class PairBatch(Batch):
    """Chosen advices, then as many rejected ones in the same order."""

    reference_margin: torch.Tensor = field(default_factory=lambda: torch.zeros(0))
    """log p_ref(chosen) - log p_ref(rejected) in nats, [pairs]."""


@dataclass(frozen=True)
class Margins:
    """How much likelier (nats) the chosen advices are than the rejected ones, mean over pairs, and how often."""

    mean: float
    share_above_zero: float
    pairs: int


def dpo_command(options: argparse.Namespace) -> None:
    """Run `python -m training dpo`."""
    beside = options.pairs.parent / "test.jsonl"
    held_out = options.held_out or (beside if beside.is_file() and beside != options.pairs else None)
    config = load_dpo_config(options.config or DEFAULT_CONFIG)
    train_on_preferences(config, options.pairs, held_out, weights=options.weights, runs=options.runs)


def train_on_preferences(
    config: DpoConfig, pairs: Path, held_out: Path | None, *, weights: Path, runs: Path, log: Log = print
) -> dict[str, Margins]:
    """Train the adapter and write it to `weights` / its name; returns the margins before and after, by file.

    Raises RunConfigError, PreferenceFileError, WeightsError, RunFolderError and the errors of the sound, all before
    anything is trained.
    """
    if process_count() > 1:
        raise RunConfigError("training on preferences takes one process: start it without a launcher")
    base = load_base(weights / "base")
    start = _start(weights, config)
    files = {"train": pairs, **({"held_out": held_out} if held_out else {})}
    model = load_adapter(base.model, weights / config.start, name=config.name)
    sets = _examples(config, files, model, base, shown=start.trained_on, log=log)
    record = {name: file_sha256(path) for name, path in files.items()}
    # Its record is written from any dataclass; the loader of the other configurations has no need to know this one.
    run = open_run_folder(
        runs / config.name,
        cast(Any, config),
        base_sha256=start.base_sha256,
        data={**record, "start": start.weights_sha256},
    )
    margins = {f"{name} before": measured(model, base, examples) for name, examples in sets.items()}
    _train(config, model, base, sets["train"], folder=run.folder, log=log)
    margins |= {f"{name} after": measured(model, base, examples) for name, examples in sets.items()}
    _write(config, model, start, weights / config.name, data=record, margins=margins)
    for name, of in margins.items():
        log(f"{name}: margin {of.mean:+.3f} nats, chosen likelier in {of.share_above_zero:.0%} of {of.pairs} pairs")
    return margins


def _start(weights: Path, config: DpoConfig) -> Manifest:
    start = read_manifest(weights / config.start, weights_file=ADAPTER_FILE)
    require_same_base(start, read_manifest(weights / "base", weights_file="model.safetensors"))
    return start


def _examples(
    config: DpoConfig, files: dict[str, Path], model: PeftModel, base: Base, *, shown: str, log: Log
) -> dict[str, list[PairExamples]]:
    sets = {name: read_pairs(path) for name, path in files.items()}
    require_other_tracks(sets["train"], sets.get("held_out", []))
    activate(model, config.name)
    examples = {}
    for name, pairs in sets.items():
        usable = readable(pairs, base)
        log(f"{files[name]}: {len(usable)} of {len(pairs)} pairs are in words that the tiny model has")
        examples[name] = [pair_examples(pair, model, base, shown=shown, seed=config.seed) for pair in usable]
        if not usable:
            raise RunConfigError(f"{files[name]}: no pair is in words that the tiny model has")
    return examples


def _train(
    config: DpoConfig, model: PeftModel, base: Base, pairs: Sequence[PairExamples], *, folder: Path, log: Log
) -> None:
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(f".{config.name}." in name)
    reference = margins_of(model, base, pairs)

    def make(step: int, _part: int, _share: Share) -> PairBatch:
        size = min(config.batch_size, len(pairs))
        places = step_rng(config.seed, step).choice(len(pairs), size=size, replace=False).tolist()
        return pair_batch(base, [pairs[place] for place in places], reference[places])

    torch.manual_seed(config.seed)
    loss = cast(Any, partial(preference_loss, beta=config.beta))
    train(model, RunData(make), loss, settings=config.loop, seed=config.seed, folder=folder, log=log)


def pair_batch(base: Base, pairs: Sequence[PairExamples], reference_margin: torch.Tensor) -> PairBatch:
    """Pairs as one batch of twice as many rows."""
    examples = [*(pair.chosen for pair in pairs), *(pair.rejected for pair in pairs)]
    batch = make_batch(examples, tokenizer=base.tokenizer, features=base.features)
    plain = {entry.name: getattr(batch, entry.name) for entry in fields(Batch)}
    return PairBatch(**plain, reference_margin=reference_margin)


def preference_loss(model: torch.nn.Module, batch: PairBatch, *, beta: float) -> torch.Tensor:
    """The mean loss over pairs; see the module's formula."""
    return -torch.nn.functional.logsigmoid(beta * (margin(model, batch) - batch.reference_margin)).mean()


def margin(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """log p(chosen) - log p(rejected) in nats, [pairs]: the first half of the rows are the chosen ones."""
    rows, columns = torch.nonzero(batch.taught[:, 1:], as_tuple=True)
    logits = logits_at(model, batch, rows, columns).float()
    targets = batch.input_ids[rows, columns + 1].to(logits.device)
    losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    sums = losses.new_zeros(batch.examples).index_add_(0, rows.to(logits.device), -losses)
    chosen, rejected = sums.chunk(2)
    return chosen - rejected


@torch.no_grad()
def margins_of(model: torch.nn.Module, base: Base, pairs: Sequence[PairExamples], *, at_once: int = 8) -> torch.Tensor:
    """The margins of all pairs, [pairs], some at a time."""
    model.eval()
    batches = [
        pair_batch(base, pairs[first : first + at_once], torch.zeros(0)) for first in range(0, len(pairs), at_once)
    ]
    return torch.cat([margin(model, batch).cpu() for batch in batches])


def measured(model: torch.nn.Module, base: Base, pairs: Sequence[PairExamples]) -> Margins:
    """The margins of pairs, summed up."""
    values = margins_of(model, base, pairs)
    return Margins(float(values.mean()), float((values > 0).float().mean()), len(pairs))


def _write(
    config: DpoConfig,
    model: PeftModel,
    start: Manifest,
    folder: Path,
    *,
    data: dict[str, str],
    margins: dict[str, Margins],
) -> None:
    if not is_main_process():
        return
    save_adapter(model, config.name, folder)
    plain = {name: asdict(value) for name, value in margins.items()}
    manifest = Manifest(
        kind="adapter",
        name=config.name,
        weights_sha256=file_sha256(folder / ADAPTER_FILE),
        base_sha256=start.base_sha256,
        prompt_version=start.prompt_version,
        generator_version=start.generator_version,
        trained_on=start.trained_on,
        reference_kinds=start.reference_kinds,
        training=json.loads(
            json.dumps(
                {
                    "config": asdict(config),
                    "method": "dpo",
                    "start_sha256": start.weights_sha256,
                    "pairs": data,
                    "margins_nats": plain,
                    "versions": run_versions(),
                }
            )
        ),
    )
    write_manifest(folder, manifest)
