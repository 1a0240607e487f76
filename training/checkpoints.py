"""Checkpoints of a run as safetensors: the trained weights and the optimiser's moments, nothing pickled.

A checkpoint is whole when its state file can be read, because that one is written last.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from training.loss import LossNotFiniteError

WEIGHTS_FILE = "trained.safetensors"
MOMENTS_FILE = "moments.safetensors"
STATE_FILE = "trainer_state.json"
KEPT = 2
"""Checkpoints kept in a run folder."""
BYTES_A_WEIGHT = 12
"""A checkpoint holds a float32 weight and two moments."""
SPARE_BYTES = 64 * 2**20


class NoSpaceError(ValueError):
    """The disk has not enough room for what a run writes."""


class CheckpointError(ValueError):
    """A checkpoint that belongs to another model."""


def trained_parameters(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The parameters that are trained, by name."""
    return {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}


def write_weights(folder: Path, parameters: Mapping[str, torch.nn.Parameter], *, step: int) -> None:
    """Write the trained weights. Raises LossNotFiniteError, and writes nothing, when one is NaN or infinite."""
    lost = sorted(name for name, parameter in parameters.items() if not bool(torch.isfinite(parameter).all()))
    if lost:
        raise LossNotFiniteError(
            f"{len(lost)} of {len(parameters)} weights are not finite after step {step} ({lost[0]}, ...); "
            "the checkpoint before stays: lower the learning rate and resume"
        )
    _save(folder / WEIGHTS_FILE, {name: parameter.detach() for name, parameter in parameters.items()})


def write_moments(
    folder: Path, parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer, *, step: int
) -> None:
    """Write AdamW's two moments of every trained weight, and the step."""
    tensors = {"step": torch.tensor(step)}
    for name, parameter in parameters.items():
        state = optimiser.state.get(parameter)
        if state:
            tensors[f"mean/{name}"], tensors[f"square/{name}"] = state["exp_avg"], state["exp_avg_sq"]
    _save(folder / MOMENTS_FILE, tensors)


def read_weights(folder: Path, parameters: Mapping[str, torch.nn.Parameter]) -> None:
    """Set the trained weights to a checkpoint's. Raises CheckpointError for one of another model."""
    tensors = load_file(folder / WEIGHTS_FILE)
    shapes = {name: tuple(parameter.shape) for name, parameter in parameters.items()}
    if shapes != {name: tuple(tensor.shape) for name, tensor in tensors.items()}:
        raise CheckpointError(f"{folder} is a checkpoint of another model; choose another folder of runs")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(tensors[name])


def read_moments(folder: Path, parameters: Mapping[str, torch.nn.Parameter], optimiser: torch.optim.Optimizer) -> int:
    """Set AdamW's moments to a checkpoint's; returns its step."""
    tensors = load_file(folder / MOMENTS_FILE)
    step = tensors.pop("step")
    for name, parameter in parameters.items():
        if f"mean/{name}" in tensors:
            optimiser.state[parameter] = {
                "step": step.to(parameter.device, torch.float32),
                "exp_avg": tensors[f"mean/{name}"].to(parameter.device),
                "exp_avg_sq": tensors[f"square/{name}"].to(parameter.device),
            }
    return int(step)


def last_checkpoint(folder: Path) -> Path | None:
    """The latest whole checkpoint of a run folder; one that a kill left half written is passed over."""
    numbered = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    return next((path for path in numbered if _is_whole(path)), None)


def require_space(folder: Path, *, weights: int) -> None:
    """Raise NoSpaceError unless the checkpoints of so many trained weights fit on the folder's disk."""
    folder.mkdir(parents=True, exist_ok=True)
    needed = (KEPT + 1) * weights * BYTES_A_WEIGHT + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoSpaceError(
            f"{folder}: the run needs {needed / 1e6:,.0f} MB for checkpoints and {free / 1e6:,.0f} MB are free; "
            "make room or choose another folder with --runs"
        )


def _is_whole(folder: Path) -> bool:
    try:
        json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _save(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
