"""One training example and a batch of them: token ids, features, and which tokens the model has to write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

import numpy as np
import torch
from transformers import PreTrainedTokenizerFast

from training.features import FeatureSettings, Floats, stack_frames
from training.tokenizer import AUDIO, BOS, EOS, encode


@dataclass(frozen=True)
class Part:
    """A piece of an example's text; `taught` pieces are what the model has to write."""

    text: str
    taught: bool = False


@dataclass(frozen=True)
class Example:
    """Text with one audio placeholder a clip, and log-mel [clips, frames, mel bands] in the order of the
    placeholders."""

    parts: tuple[Part, ...]
    clips: Floats


@dataclass
class Batch:
    """Padded examples: ids and mask [examples, tokens], features [clips, bins, steps], taught [examples, tokens]."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    input_features: torch.Tensor
    taught: torch.Tensor
    feature_mask: torch.Tensor | None = None
    """[clips, steps], 1 where a step was heard; None where every clip fills the model's window."""
    feature_mask_name: str = "feature_attention_mask"
    """What the model's `forward` calls that mask."""
    weight: float = 1.0
    """What the batch's mean over its examples counts, where the batches of a step hold different numbers of them."""

    @property
    def examples(self) -> int:
        """The number of examples."""
        return len(self.input_ids)

    def example_of(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - one a row
        """The example that each token at [rows, columns] belongs to."""
        return rows

    @property
    def feature_attention_mask(self) -> torch.Tensor:
        """The mask of the features, [clips, steps]."""
        if self.feature_mask is not None:
            return self.feature_mask
        clips, _, steps = self.input_features.shape
        return torch.ones((clips, steps), dtype=torch.long, device=self.input_features.device)

    def model_inputs(self) -> dict[str, torch.Tensor]:
        """What `forward` and `generate` are called with; audio is left out where the batch has no clip."""
        inputs = {"input_ids": self.input_ids, "attention_mask": self.attention_mask}
        if len(self.input_features) > 0:
            inputs["input_features"] = self.input_features
            inputs[self.feature_mask_name] = self.feature_attention_mask
        return inputs

    def to(self, device: torch.device | str, *, dtype: torch.dtype = torch.float32) -> Self:
        """The same on a device, its features in the model's dtype."""
        return replace(
            self,
            input_ids=self.input_ids.to(device),
            attention_mask=self.attention_mask.to(device),
            input_features=self.input_features.to(device, dtype),
            taught=self.taught.to(device),
            feature_mask=None if self.feature_mask is None else self.feature_mask.to(device),
        )

    def labels(self) -> torch.Tensor:
        """Token ids where they are taught, -100 (which cross-entropy leaves out) elsewhere, [examples, tokens]."""
        return torch.where(self.taught, self.input_ids, torch.full_like(self.input_ids, -100))


def question_and_answer(question: str, answer: str, clips: Floats) -> Example:
    """The usual example: a question about clips, and an answer that ends the text."""
    return Example((Part(f"{BOS} {question}"), Part(f"{answer} {EOS}", taught=True)), clips)


def make_batch(
    examples: Sequence[Example], *, tokenizer: PreTrainedTokenizerFast, features: FeatureSettings, side: str = "right"
) -> Batch:
    """Examples as tensors; every placeholder becomes the clip's audio tokens. Pads on the given side."""
    rows = [_token_row(example, tokenizer, features.audio_tokens) for example in examples]
    width = max(len(ids) for ids, _ in rows)
    input_ids = torch.full((len(rows), width), int(tokenizer.pad_token_id or 0))
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    taught = torch.zeros((len(rows), width), dtype=torch.bool)
    for row, (ids, flags) in enumerate(rows):
        place = slice(0, len(ids)) if side == "right" else slice(width - len(ids), width)
        input_ids[row, place] = torch.tensor(ids)
        mask[row, place] = 1
        taught[row, place] = torch.tensor(flags)
    clips = np.concatenate([example.clips for example in examples])
    return Batch(input_ids, mask, torch.from_numpy(stack_frames(clips, settings=features)), taught)


def _token_row(example: Example, tokenizer: PreTrainedTokenizerFast, audio_tokens: int) -> tuple[list[int], list[bool]]:
    audio_id = int(tokenizer.convert_tokens_to_ids(AUDIO))
    ids: list[int] = []
    taught: list[bool] = []
    for part in example.parts:
        for token in _encoded(tokenizer, part.text):
            repeats = audio_tokens if token == audio_id else 1
            ids.extend([token] * repeats)
            taught.extend([part.taught] * repeats)
    clips = ids.count(audio_id) // audio_tokens
    assert clips == len(example.clips), f"{clips} placeholders for {len(example.clips)} clips"
    return ids, taught


@lru_cache(maxsize=200_000)
def _encoded(tokenizer: PreTrainedTokenizerFast, text: str) -> tuple[int, ...]:
    return tuple(encode(tokenizer, text))
