"""The training loop: AdamW, a cosine schedule, one line of log, checkpoints from which a killed run goes on."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from training.examples import Batch
from training.loss import finite, taught_loss

CHECKPOINT_FILE = "checkpoint.safetensors"

BatchMaker = Callable[[int], Sequence[Batch]]
"""The batches of a step; depends on the step alone, so that a resumed run sees the same data."""


@dataclass(frozen=True)
class LoopSettings:
    """How weights are trained."""

    steps: int
    learning_rate: float
    warmup_steps: int = 100
    final_rate_share: float = 0.05
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    log_every: int = 50
    checkpoint_every: int = 500


def step_rng(seed: int, step: int) -> np.random.Generator:
    """The random stream of one step, the same in a resumed run."""
    return np.random.default_rng([seed, step])


def learning_rate_at(step: int, settings: LoopSettings) -> float:
    """Linear warm-up, then a cosine down to a share of the full rate."""
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    progress = (step - settings.warmup_steps) / max(settings.steps - settings.warmup_steps, 1)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
    return settings.learning_rate * (settings.final_rate_share + (1.0 - settings.final_rate_share) * cosine)


def train(
    model: torch.nn.Module,
    make_batches: BatchMaker,
    table: torch.Tensor,
    *,
    settings: LoopSettings,
    folder: Path,
    log: Callable[[str], None] = print,
) -> None:
    """Train the parameters that require gradients, going on from the folder's checkpoint where there is one.

    Raises LossNotFiniteError when the loss is lost; the last checkpoint stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    optimiser = torch.optim.AdamW(
        list(parameters.values()), lr=settings.learning_rate, betas=(0.9, 0.98),
        weight_decay=settings.weight_decay, fused=True,
    )  # fmt: skip
    first = _resume(parameters, optimiser, folder)
    model.train()
    losses: list[float] = []
    started = time.monotonic()
    for step in range(first, settings.steps):
        losses.append(_step(model, make_batches(step), table, optimiser, rate=learning_rate_at(step, settings),
                            clip_norm=settings.clip_norm, step=step))  # fmt: skip
        if (step + 1) % settings.log_every == 0 or step + 1 == settings.steps:
            _note(folder, step=step + 1, loss=float(np.mean(losses)), seconds=time.monotonic() - started, log=log)
            losses.clear()
        if (step + 1) % settings.checkpoint_every == 0 and step + 1 < settings.steps:
            _checkpoint(parameters, optimiser, folder, step=step + 1)
    model.eval()


def _step(
    model: torch.nn.Module,
    batches: Sequence[Batch],
    table: torch.Tensor,
    optimiser: torch.optim.Optimizer,
    *,
    rate: float,
    clip_norm: float,
    step: int,
) -> float:
    for group in optimiser.param_groups:
        group["lr"] = rate
    total = 0.0
    for batch in batches:
        loss = taught_loss(model, batch, table) / len(batches)
        total += finite(loss, step=step)
        loss.backward()  # type: ignore[no-untyped-call]
    parameters = [p for group in optimiser.param_groups for p in group["params"]]
    torch.nn.utils.clip_grad_norm_(parameters, clip_norm)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return total


def _note(folder: Path, *, step: int, loss: float, seconds: float, log: Callable[[str], None]) -> None:
    line = {"step": step, "loss": round(loss, 5), "seconds": round(seconds, 1)}
    with (folder / "losses.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    log(f"step {step}: loss {loss:.4f}, {seconds:.0f} s")


def _checkpoint(
    parameters: dict[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer, folder: Path, *, step: int
) -> None:
    tensors = {f"weight/{name}": parameter.detach() for name, parameter in parameters.items()}
    for name, parameter in parameters.items():
        state = optimiser.state[parameter]
        tensors[f"mean/{name}"], tensors[f"square/{name}"] = state["exp_avg"], state["exp_avg_sq"]
    partial = folder / "checkpoint.partial"
    tensors["step"] = torch.tensor(float(step))
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, partial)
    partial.replace(folder / CHECKPOINT_FILE)


def _resume(parameters: dict[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer, folder: Path) -> int:
    path = folder / CHECKPOINT_FILE
    if not path.exists():
        return 0
    tensors = load_file(path)
    for name, parameter in parameters.items():
        parameter.data.copy_(tensors[f"weight/{name}"])
        optimiser.state[parameter] = {
            "step": tensors["step"].clone(),
            "exp_avg": tensors[f"mean/{name}"],
            "exp_avg_sq": tensors[f"square/{name}"],
        }
    return int(tensors["step"])
