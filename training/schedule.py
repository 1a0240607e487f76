"""How long a run is, its learning rate over the steps, and the random stream of every step: all from the
configuration alone, so that a resumed run, or one on several GPUs, does the same."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


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
    validate_every: int = 0
    """Steps between measurements of the validation loss; 0: never."""
    data_workers: int = 0
    """Processes that make batches beside the training; 0: the training process makes them itself."""


def loop_problems(settings: LoopSettings) -> list[str]:
    """Everything that is wrong with the settings, by the names they have in a configuration."""
    problems = [] if settings.steps > 0 else ["loop.steps must be above 0"]
    counts = ("warmup_steps", "validate_every", "data_workers")
    problems += [f"loop.{name} must not be negative" for name in counts if getattr(settings, name) < 0]
    positive = ("learning_rate", "clip_norm", "log_every", "checkpoint_every")
    problems += [f"loop.{name} must be above 0" for name in positive if not getattr(settings, name) > 0]
    if settings.log_every > 0 and settings.checkpoint_every % settings.log_every:
        # A logged loss is the mean since the last one: a resumed run would start in the middle of such a mean.
        problems.append("loop.checkpoint_every must be a multiple of loop.log_every")
    return problems


def rate_share(step: int, settings: LoopSettings) -> float:
    """The share of the learning rate at a step, counted from 0: linear warm-up, then a cosine down to the final
    share."""
    if step < settings.warmup_steps:
        return (step + 1) / settings.warmup_steps
    progress = (step - settings.warmup_steps) / max(settings.steps - settings.warmup_steps, 1)
    cosine = 0.5 * (1.0 + math.cos(math.pi * min(progress, 1.0)))
    return settings.final_rate_share + (1.0 - settings.final_rate_share) * cosine


def step_rng(seed: int, step: int) -> np.random.Generator:
    """The random stream of one step's examples, the same in a resumed run."""
    return np.random.default_rng([seed, step])


@dataclass(frozen=True)
class Share:
    """Which part of a step's examples this process trains on: every `of`th, starting at `rank`."""

    rank: int = 0
    of: int = 1

    def places(self, count: int) -> range:
        """The places of this process among `count` examples."""
        return range(self.rank, count, self.of)


ALONE = Share()
"""One process that trains on everything."""
