"""How many processes a run has and which one this is, as `accelerate launch` and torchrun tell them."""

from __future__ import annotations

import os

import torch

from training.config_files import RunConfigError


def process_count() -> int:
    """Processes of this run; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this process writes what is written once."""
    return int(os.environ.get("RANK", "0")) == 0


def is_sharded() -> bool:
    """Whether the launcher was asked for FSDP."""
    return os.environ.get("ACCELERATE_USE_FSDP", "false").lower() in ("true", "1")


def load_device() -> str:
    """Where weights are loaded to: this process's GPU; the CPU without one, and for FSDP, which distributes them."""
    if not torch.cuda.is_available() or is_sharded():
        return "cpu"
    return f"cuda:{os.environ.get('LOCAL_RANK', '0')}"


def require_even_shares(examples: int, *, what: str) -> None:
    """Raise RunConfigError unless so many examples can be shared out evenly among the processes."""
    if examples % process_count():
        raise RunConfigError(
            f"{what} is {examples}, which {process_count()} processes cannot share evenly; "
            f"choose a multiple of {process_count()}"
        )
