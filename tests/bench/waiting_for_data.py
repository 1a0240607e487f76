"""How much of a step the tiny adapter's training waits for its batch, with batches made beside it or in between."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import torch
from torch.utils.data import DataLoader

from datagen.words import STEMS
from tests.bench.metric import Goal, Metric
from training.adapters import add_lora
from training.cross_mel import pair_index, power_in_db
from training.examples import Batch
from training.features import FeatureSettings
from training.loss import taught_loss
from training.prefetch import AheadLoader
from training.run_config import CONFIG_FOLDER, AdapterConfig, load_config
from training.songs_cache import Songs
from training.step_data import RunData, StepData
from training.tiny_base import TinySize, build_tiny_base
from training.train import adapter_batch

ROUNDS, STEPS, UNCOUNTED = 7, 5, 2
"""The first steps of a round are not counted: a worker process is just starting."""
GOAL = Goal("ours", "at_most", 1.0)
PEER = "batches made between the steps"


@dataclass
class Clock:
    """Seconds of the steps of one round, and those of them spent waiting for a batch."""

    waiting_s: float = 0.0
    total_s: float = 0.0

    @property
    def waiting_percent(self) -> float:
        return 100 * self.waiting_s / self.total_s


def waiting_metrics() -> list[Metric]:
    """Waiting as a share of step time, and step time against batches that are all there."""
    cores = len(os.sched_getaffinity(0))
    config = load_config(CONFIG_FOLDER / "stems_ref.yaml", AdapterConfig)
    base, songs = build_tiny_base(TinySize(), seed=1), noise_songs()
    model = add_lora(base.model, config.lora, name="bench")
    data = StepData(
        RunData(lambda step, _, share: adapter_batch(base, songs, config, step=step, share=share)),
        steps=STEPS + UNCOUNTED,
    )
    ready = [data[k] for k in range(len(data))]
    ways: dict[str, Iterable[Batch]] = {
        "ready": ready,
        "beside": AheadLoader(data, batch_size=1, collate_fn=itemgetter(0), num_workers=1),
        "between": DataLoader(data, batch_size=1, collate_fn=itemgetter(0)),
    }
    with _training_threads(max(cores - 1, 1)):
        rounds = [{way: _train(model, batches) for way, batches in ways.items()} for _ in range(ROUNDS)]
    return _metrics({way: [each[way] for each in rounds] for way in ways}, cores=cores)


@contextmanager
def _training_threads(count: int) -> Iterator[None]:
    """One core is left to the process that makes batches."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _metrics(clocks: dict[str, list[Clock]], *, cores: int) -> list[Metric]:
    share = {way: statistics.median(clock.waiting_percent for clock in each) for way, each in clocks.items()}
    seconds = {way: 1000 * statistics.median(clock.total_s for clock in each) / STEPS for way, each in clocks.items()}
    why = "" if cores >= 2 else f"this machine lends {cores} core, and the goal speaks of two"
    what = "tiny adapter, batch of 32, a data process and a thread that fetches ahead"
    return [
        Metric(
            "training", f"waiting for data, {what}", "% of step time", share["beside"], share["between"], PEER,
            goal=GOAL, why=why, settles=cores >= 2,
        ),
        Metric(
            "training", f"time of a step, {what}", "ms", seconds["beside"], seconds["between"], PEER,
            limit=seconds["ready"],
        ),
    ]  # fmt: skip


def _train(model: torch.nn.Module, batches: Iterable[Batch]) -> Clock:
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-5, fused=True)
    clock, stream = Clock(), iter(batches)
    for step in range(STEPS + UNCOUNTED):
        started = time.perf_counter()
        batch = next(stream)
        received = time.perf_counter()
        taught_loss(model, batch).backward()
        optimiser.step()
        optimiser.zero_grad()
        if step >= UNCOUNTED:
            clock.waiting_s += received - started
            clock.total_s += time.perf_counter() - started
    _finish(stream)
    return clock


def _finish(stream: Iterator[Batch]) -> None:
    """Ask once more, so that a worker process ends before the next round is timed."""
    assert next(stream, None) is None


def noise_songs(count: int = 40) -> Songs:
    """Songs whose stems are uncorrelated noise: making examples of them costs what it costs with music."""
    rng, front_end = np.random.default_rng(5), FeatureSettings()
    own = rng.gamma(2.0, 0.02, (count, 2, len(STEMS), front_end.frames, front_end.mel_bands)).astype(np.float32)
    pairs = pair_index(len(STEMS))
    cross = np.zeros((count, 2, len(pairs), *own.shape[3:]), dtype=np.float32)
    for place, (i, j) in enumerate(pairs):
        if i == j:
            cross[:, :, place] = own[:, :, i]
    return Songs(
        keys=tuple(f"noise-{k}" for k in range(count)),
        genres=tuple(("pop", "rock")[k % 2] for k in range(count)),
        starts_s=np.zeros((count, 2)),
        cross=cross,
        stems_db=power_in_db(own),
        gram=cross.mean(axis=(-2, -1), dtype=np.float64),
        audible=np.ones((count, 2, len(STEMS)), dtype=bool),
    )
