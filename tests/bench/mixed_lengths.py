"""Random examples of mixed length for a Qwen2-Audio model: two clips of 5 to 30 s, a question, an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from training.bases.whisper_features import tokens_of_frames
from training.examples import Batch
from training.whisper_front_end import WHISPER

CLIPS = 2
QUESTION_TOKENS = (100, 160)
ANSWER_TOKENS = (20, 60)
FIRST_WORD = 10
"""Ids below are the model's special ones."""


@dataclass(frozen=True)
class RandomExample:
    """Sizes of an example; its content is drawn from its seed when a batch is made."""

    seed: int
    clip_frames: int
    question_tokens: int
    answer_tokens: int

    @property
    def tokens(self) -> int:
        """Positions of the language model."""
        return CLIPS * tokens_of_frames(self.clip_frames) + self.question_tokens + self.answer_tokens


def mixed_examples(count: int, *, seed: int) -> list[RandomExample]:
    """Examples whose excerpts last 5 to 30 s, all lengths alike."""
    rng = np.random.default_rng(seed)
    return [
        RandomExample(
            seed=k,
            clip_frames=int(100 * rng.uniform(5, 30)),
            question_tokens=int(rng.integers(*QUESTION_TOKENS)),
            answer_tokens=int(rng.integers(*ANSWER_TOKENS)),
        )
        for k in range(count)
    ]


def padded_batch(examples: Sequence[RandomExample], *, words: int, audio_id: int) -> Batch:
    """A batch padded on the right, as ChatBase.batch makes it."""
    width = max(example.tokens for example in examples)
    ids = torch.zeros((len(examples), width), dtype=torch.long)
    mask, taught = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    features = torch.zeros((CLIPS * len(examples), WHISPER.mel_bands, WHISPER.frames))
    feature_mask = torch.zeros((len(features), WHISPER.frames), dtype=torch.long)
    for row, example in enumerate(examples):
        rng = np.random.default_rng(example.seed)
        audio = CLIPS * tokens_of_frames(example.clip_frames)
        drawn = rng.integers(FIRST_WORD, words, example.tokens)
        ids[row, : example.tokens] = torch.from_numpy(np.where(drawn == audio_id, audio_id - 1, drawn))
        ids[row, 1 : 1 + audio] = audio_id
        mask[row, : example.tokens] = 1
        taught[row, example.tokens - example.answer_tokens : example.tokens] = True
        clips = slice(CLIPS * row, CLIPS * (row + 1))
        features[clips] = torch.from_numpy(rng.normal(0, 0.5, features[clips].shape).astype(np.float32))
        feature_mask[clips, : example.clip_frames] = 1
    return Batch(ids, mask, features, taught, feature_mask)
