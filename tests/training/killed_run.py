"""A run that is killed without warning after its fifth step, for the test that goes on with it."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial
from pathlib import Path

import torch

from tests.training.conftest import SMALL, songs_of_noise
from training.examples import Batch, make_batch
from training.loss import label_table, taught_loss
from training.pretraining_tasks import TASKS
from training.progress import METRICS_FILE, read_metrics
from training.schedule import ALONE, LoopSettings, Share, step_rng
from training.songs_cache import Songs
from training.step_data import RunData
from training.tiny_base import Base, build_tiny_base
from training.trainer import train

STEPS = 8
KILLED_AT = 5


def data_of(base: Base, songs: Songs) -> RunData:
    """Two examples a step."""

    def make(step: int, _: int, share: Share = ALONE) -> Batch:
        rng = step_rng(1, step)
        examples = [TASKS["difference"](rng, songs) for _ in range(2)]
        mine = [examples[place] for place in share.places(2)]
        return make_batch(mine, tokenizer=base.tokenizer, features=base.features)

    return RunData(make)


def losses_of(folder: Path) -> list[float]:
    """The logged losses of a run, step by step."""
    return [line["loss"] for line in read_metrics(folder / METRICS_FILE) if "loss" in line]


def main(folder: Path) -> None:
    """Train until the kill."""
    torch.set_num_threads(1)
    base, songs = build_tiny_base(SMALL, seed=3), songs_of_noise()
    made = data_of(base, songs)

    def make(step: int, part: int, share: Share) -> Batch:
        if step == KILLED_AT:
            os.kill(os.getpid(), signal.SIGKILL)
        return made.make(step, part, share)

    settings = LoopSettings(steps=STEPS, learning_rate=1e-3, warmup_steps=2, log_every=1, checkpoint_every=2)
    loss = partial(taught_loss, table=label_table(base.tokenizer, soft_label_db=0.6))
    train(base.model, RunData(make), loss, settings=settings, seed=1, folder=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
