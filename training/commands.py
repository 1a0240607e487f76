"""What each command of `python -m training` does."""

from __future__ import annotations

import argparse
import os
import sys

import torch

from training.card_sections import trials_section
from training.config_check import check_configs, config_path
from training.config_files import RunConfigError
from training.dpo import dpo_command
from training.loss import LossNotFiniteError
from training.pretrain import pretrain
from training.run_config import CONFIG_FOLDER, ChatAdapterConfig, PretrainConfig, load_config, load_run_config
from training.score_commands import card_command, compare_command, evaluate_command, probe_command
from training.score_files import write_kept
from training.ship import adapter_configs, ship
from training.songs_cache import CACHE_VARIABLE
from training.train import train_adapter
from training.train_chat import train_chat_adapter
from training.tuning import TRIALS_FILE, tune


def run_command(options: argparse.Namespace) -> int:
    """Run one parsed command; returns the exit status."""
    torch.set_num_threads(options.threads)
    if options.cache is not None:
        os.environ[CACHE_VARIABLE] = str(options.cache)
    try:
        COMMANDS[options.command](options)
    except (ValueError, OSError, LossNotFiniteError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _pretrain(options: argparse.Namespace) -> None:
    config = load_config(options.config or CONFIG_FOLDER / "pretrain.yaml", PretrainConfig)
    pretrain(config, run_folder=options.runs / "base", output=options.weights / "base")


def _train(options: argparse.Namespace) -> None:
    config = load_run_config(config_path(options.config))
    if isinstance(config, PretrainConfig):
        raise RunConfigError(f"{options.config} is a pre-training; run it with `python -m training pretrain --config`")
    if isinstance(config, ChatAdapterConfig):
        folder = options.runs / config.name
        train_chat_adapter(config, run_folder=folder, output=folder / "adapter")
        return
    train_adapter(
        config,
        base_folder=options.weights / "base",
        run_folder=options.runs / config.name,
        output=options.weights / config.name,
    )


def _check(options: argparse.Namespace) -> None:
    print("\n".join(check_configs(options.configs)))


def _tune(options: argparse.Namespace) -> None:
    trials = tune(adapter_configs(), weights=options.weights, runs=options.runs)
    write_kept(trials, options.weights / TRIALS_FILE)
    print(trials_section(trials))


def _ship(options: argparse.Namespace) -> None:
    ship(runs=options.runs, output=options.weights, card=options.card)


COMMANDS = {
    "pretrain": _pretrain,
    "train": _train,
    "check": _check,
    "evaluate": evaluate_command,
    "compare": compare_command,
    "probe": probe_command,
    "card": card_command,
    "dpo": dpo_command,
    "tune": _tune,
    "ship": _ship,
}
