"""The tiny base that ships, behind the same interface: Qwen2-Audio's class with its own tokenizer and front end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from training.bases.base import LoraScope, PaddingSide
from training.bases.family import LANGUAGE_LINEARS
from training.bases.qwen2_audio import FAMILY as LARGE
from training.examples import Batch, Example, make_batch
from training.features import ClipTooLongError
from training.tiny_base import Base, TinySize, build_tiny_base, load_base

NAME = "tiny_qwen2_audio"
SCOPES: Mapping[LoraScope, str] = LARGE.scopes
"""The modules have the names of the large one's."""


@dataclass
class TinyBase:
    """The tiny base; its examples are `training.examples.Example`, not conversations."""

    parts: Base
    """Model, tokenizer and front end, as the tiny base's own code takes them."""
    name: str = NAME
    lora_targets: str = LANGUAGE_LINEARS
    scopes: Mapping[LoraScope, str] = field(default_factory=lambda: SCOPES)

    @property
    def model(self) -> Any:
        """The transformers model."""
        return self.parts.model

    @property
    def tokenizer(self) -> Any:
        """One token a word."""
        return self.parts.tokenizer

    @property
    def sample_rate(self) -> int:
        """Of the waveforms it takes."""
        return self.parts.features.sample_rate

    @property
    def max_clip_s(self) -> float:
        """Its window in seconds."""
        return self.parts.features.window_seconds

    @property
    def positions(self) -> int:
        """Positions of the language model."""
        return int(self.parts.model.config.text_config.max_position_embeddings)

    def audio_tokens(self, samples: int) -> int:
        """Positions of a clip: always those of the whole window, which a clip fills by being repeated."""
        if samples > self.parts.features.window_samples + self.parts.features.hop_samples:
            raise ClipTooLongError(f"the clip has {samples} samples, more than the window of {self.max_clip_s:g} s")
        return self.parts.features.audio_tokens

    def token_count(self, example: Example) -> int:
        """Positions that an example takes."""
        return int(self.batch([example]).input_ids.shape[1])

    def batch(self, examples: Sequence[Example], side: PaddingSide = "right") -> Batch:
        """Padded tensors of examples."""
        return make_batch(examples, tokenizer=self.parts.tokenizer, features=self.parts.features, side=side)


def load(folder: Path, *, device: str | None = None, dtype: torch.dtype | None = None) -> TinyBase:
    """The tiny base in a local folder, float32 on the CPU unless asked otherwise. Raises WeightsError."""
    parts = load_base(folder)
    parts.model.to(device=device or "cpu", dtype=dtype or torch.float32)
    return TinyBase(parts)


def from_tiny_random_config(seed: int) -> TinyBase:
    """A small random base of the real class."""
    size = TinySize(language_width=32, language_layers=2, language_heads=2, language_feed_forward=64,
                    tower_width=16, tower_layers=1, tower_heads=2, tower_feed_forward=32)  # fmt: skip
    return TinyBase(build_tiny_base(size, seed=seed))
