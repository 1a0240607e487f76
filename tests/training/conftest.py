"""A base small enough to be made in a test, and songs made of noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from datagen.words import STEMS
from training.cross_mel import pair_index, power_in_db
from training.features import FeatureSettings
from training.songs_cache import Songs
from training.tiny_base import Base, TinySize, build_tiny_base

SMALL = TinySize(
    language_width=32,
    language_layers=2,
    language_heads=2,
    language_feed_forward=48,
    tower_width=24,
    tower_layers=1,
    tower_heads=2,
    tower_feed_forward=32,
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def small_base() -> Base:
    """A randomly initialised base of 30 thousand parameters."""
    return build_tiny_base(SMALL, seed=3)


@pytest.fixture(scope="session")
def noise_songs() -> Songs:
    """Six songs of noise."""
    return songs_of_noise()


def songs_of_noise() -> Songs:
    """Six songs with two passages whose stems are uncorrelated noise of different levels."""
    rng = np.random.default_rng(5)
    front_end = FeatureSettings()
    shape = (6, 2, len(STEMS), front_end.frames, front_end.mel_bands)
    own = (rng.gamma(2.0, 0.02, size=shape) * rng.uniform(0.2, 2.0, size=(6, 2, 4, 1, 1))).astype(np.float32)
    pairs = pair_index(len(STEMS))
    cross = np.zeros((6, 2, len(pairs), *shape[3:]), dtype=np.float32)
    for place, (i, j) in enumerate(pairs):
        if i == j:
            cross[:, :, place] = own[:, :, i]
    return Songs(
        keys=tuple(f"noise-{k}" for k in range(6)),
        genres=("pop", "rock", "pop", "rock", "pop", "rock"),
        starts_s=np.zeros((6, 2)),
        cross=cross,
        stems_db=power_in_db(own),
        gram=cross.mean(axis=(-2, -1), dtype=np.float64),
        audible=np.ones((6, 2, len(STEMS)), dtype=bool),
    )
