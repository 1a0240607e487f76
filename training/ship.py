"""The one command that makes the shipped weights again: pre-training, adapters, trials, evaluation, model card."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from training.comparison import compare_conditions
from training.model_card import write_model_card
from training.pretrain import pretrain
from training.probe import PROBE_FILE, probe_base
from training.run_config import CONFIG_FOLDER, AdapterConfig, PretrainConfig, load_config
from training.score_files import write_kept
from training.score_rows import SCORES_FILE
from training.train import train_adapter
from training.tuning import TRIALS_FILE, tune

SHIPPED_FOLDER = Path(__file__).parent / "shipped"
MODEL_CARD = Path(__file__).parent.parent / "docs" / "model-card.md"
ADAPTERS: tuple[str, ...] = ("stems_ref", "mix", "stems", "mix_ref", "text_only", "stems_ref_shuffled")

Log = Callable[[str], None]


def adapter_configs() -> list[AdapterConfig]:
    """The configurations of the shipped adapters."""
    return [load_config(CONFIG_FOLDER / f"{name}.yaml", AdapterConfig) for name in ADAPTERS]


def ship(*, runs: Path, output: Path = SHIPPED_FOLDER, card: Path = MODEL_CARD, log: Log = print) -> None:
    """Make base, adapters, scores and model card. Goes on where a killed run stopped, as long as `runs` is the
    same."""
    base = load_config(CONFIG_FOLDER / "pretrain.yaml", PretrainConfig)
    adapters = adapter_configs()
    steps = len(adapters) + 3
    log(f"1 of {steps}: pre-training the base, {base.loop.steps} steps")
    pretrain(base, run_folder=runs / "base", output=output / "base", log=log)
    for number, config in enumerate(adapters, start=2):
        log(f"{number} of {steps}: training the adapter {config.name}, {config.loop.steps} steps")
        train_adapter(
            config, base_folder=output / "base", run_folder=runs / config.name, output=output / config.name, log=log
        )
    log(f"{steps - 1} of {steps}: the same trials for every adapter")
    write_kept(tune(adapters, weights=output, runs=runs, log=log), output / TRIALS_FILE)
    log(f"{steps} of {steps}: evaluation on held-out songs")
    write_kept(compare_conditions(output, processes=os.cpu_count() or 1, log=log), output / SCORES_FILE)
    write_kept(probe_base(output, log=log), output / PROBE_FILE)
    write_model_card(output, card=card)
