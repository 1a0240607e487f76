"""The same few trials for every condition, scored on validation songs and kept beside the weights.

A comparison is fair only if no side was tuned more than another: every adapter's configuration is run with the same
learning rates for the same number of steps, and whatever came out is in the model card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training.progress import METRICS_FILE, read_metrics
from training.run_config import AdapterConfig
from training.train import train_adapter
from training.weights import file_sha256

TRIALS_FILE = "tuning.json"
LEARNING_RATES = (0.0015, 0.003)
TRIAL_STEPS = 400

Curve = list[list[float]]
"""Pairs of a step and the validation loss measured there."""


def tune(
    configs: Sequence[AdapterConfig],
    *,
    weights: Path,
    runs: Path,
    steps: int = TRIAL_STEPS,
    log: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Run every trial of these adapters (or go on with it) and gather their validation losses.

    The curves of the full runs are gathered too, where their folders lie in `runs`: they say whether the number of
    steps, the same for all, was enough for the slowest condition.
    """
    base = weights / "base"
    trials = [
        {"adapter": config.name, "learning_rate": rate, "steps": steps, "curve": _run(trial, base, runs, log)}
        for config in configs
        for rate in LEARNING_RATES
        for trial in [trial_of(config, learning_rate=rate, steps=steps)]
    ]
    curves = {config.name: curve for config in configs if (curve := validation_curve(runs / config.name))}
    return {"base": file_sha256(base / "model.safetensors"), "trials": trials, "curves": curves}


def trial_of(config: AdapterConfig, *, learning_rate: float, steps: int) -> AdapterConfig:
    """A configuration's short run at another learning rate."""
    loop = replace(config.loop, steps=steps, learning_rate=learning_rate, validate_every=steps // 2)
    return replace(config, loop=loop)


def _run(trial: AdapterConfig, base: Path, runs: Path, log: Callable[[str], None]) -> Curve:
    folder = runs / "tuning" / f"{trial.name}-{trial.loop.learning_rate:g}"
    log(f"{trial.name} at learning rate {trial.loop.learning_rate:g}")
    with TemporaryDirectory(prefix="mixtrial-trial-") as output:
        train_adapter(trial, base_folder=base, run_folder=folder, output=Path(output) / trial.name, log=log)
    return validation_curve(folder)


def validation_curve(run_folder: Path) -> Curve:
    """What a run's validation losses were, in order; empty where none was measured."""
    path = run_folder / METRICS_FILE
    lines = read_metrics(path) if path.exists() else []
    return [[line["step"], line["validation_loss"]] for line in lines if "validation_loss" in line]
