"""Small random bases of the real classes, and clips of noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from training.bases import audio_flamingo3, music_flamingo, qwen2_5_omni, qwen2_audio
from training.bases.base import Clip, Conversation, Turn
from training.bases.chat_base import ChatBase

RATE = 16_000
REAL = {module.FAMILY.name: module for module in (qwen2_audio, audio_flamingo3, music_flamingo, qwen2_5_omni)}
WINDOW_S = 6

MakeClip = Callable[..., Clip]


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module", params=sorted(REAL))
def real_base(request: pytest.FixtureRequest) -> ChatBase:
    """Each real class, small, with random weights and short windows."""
    return REAL[request.param].from_tiny_random_config(0, window_s=WINDOW_S)


@pytest.fixture
def fresh_base(request: pytest.FixtureRequest, real_base: ChatBase) -> ChatBase:
    """The same once more, for tests that change the model."""
    return REAL[real_base.name].from_tiny_random_config(0, window_s=WINDOW_S)


@pytest.fixture
def clip() -> MakeClip:
    """Noise of a length in seconds and a level in dB."""

    def make(seconds: float, *, seed: int = 0, level_db: float = -20.0) -> Clip:
        samples = round(seconds * RATE)
        noise = np.random.default_rng(seed).standard_normal(samples) * 10 ** (level_db / 20)
        return Clip(samples, noise.astype(np.float32))

    return make


def ask(*content: str | Clip, answer: str = "") -> Conversation:
    """A question, with its taught answer where one is given."""
    turns = [Turn("user", content)]
    if answer:
        turns.append(Turn("assistant", (answer,), taught=True))
    return Conversation(tuple(turns))
