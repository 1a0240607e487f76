"""A real base behind the interface of `AudioBase`: conversations in, padded tensors out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from training.bases.base import Conversation, LoraScope, PaddingSide
from training.bases.chat_rows import TokenRow, clips_of_conversation, token_row
from training.bases.family import Family
from training.bases.whisper_features import Window, clip_windows, frames_of_windows, tokens_of_frames
from training.examples import Batch


class PromptTooLongError(ValueError):
    """An example that takes more positions than the language model has."""


@dataclass
class ChatBase:
    """A base of one family, ready to be trained or asked."""

    family: Family
    model: Any
    tokenizer: Any
    extractor: Any
    """transformers' WhisperFeatureExtractor of the base."""
    positions: int

    @property
    def name(self) -> str:
        """The family's name."""
        return self.family.name

    @property
    def sample_rate(self) -> int:
        """Of the waveforms it takes."""
        return int(self.extractor.sampling_rate)

    @property
    def max_clip_s(self) -> float:
        """The longest clip in seconds."""
        return self.family.max_clip_s

    @property
    def lora_targets(self) -> str:
        """The language model's linears."""
        return self.family.scopes["language"]

    @property
    def scopes(self) -> Mapping[LoraScope, str]:
        """Everything that LoRA can be put on."""
        return self.family.scopes

    def audio_tokens(self, samples: int) -> int:
        """Positions of a clip of so many samples, its begin and end marks included. Raises ClipTooLongError."""
        marks = bool(self.family.begin_mark) + bool(self.family.end_mark)
        return sum(map(tokens_of_frames, self._frames(samples))) + marks

    def token_count(self, example: Conversation) -> int:
        """Positions that a conversation takes, without padding."""
        return len(self._row(example).ids)

    def batch(self, examples: Sequence[Conversation], side: PaddingSide = "right") -> Batch:
        """Padded tensors of conversations. Raises ClipTooLongError, PromptTooLongError, ConversationError."""
        rows = [self._row(example) for example in examples]
        input_ids, mask, taught = pad_rows(rows, pad_id=int(self.tokenizer.pad_token_id), side=side)
        windows = [window for example in examples for window in self._windows(example)]
        features, feature_mask = stack_windows(windows, bands=self.extractor.feature_size)
        return Batch(input_ids, mask, features, taught, feature_mask, self.family.feature_mask_name)

    def _row(self, example: Conversation) -> TokenRow:
        counts = [sum(map(tokens_of_frames, self._frames(clip.samples))) for clip in clips_of_conversation(example)]
        row = token_row(example, tokenizer=self.tokenizer, family=self.family, clip_tokens=counts)
        if len(row.ids) > self.positions:
            raise PromptTooLongError(
                f"the example takes {len(row.ids)} positions ({sum(counts)} of them audio in {len(counts)} clips) and "
                f"{self.name} has {self.positions}; choose shorter excerpts or fewer stems"
            )
        return row

    def _frames(self, samples: int) -> list[int]:
        return frames_of_windows(samples, self.extractor, max_clip_s=self.max_clip_s)

    def _windows(self, example: Conversation) -> list[Window]:
        clips = clips_of_conversation(example)
        fill = self.family.fills_window
        return [w for clip in clips for w in clip_windows(clip, self.extractor, max_clip_s=self.max_clip_s, fill=fill)]


def pad_rows(
    rows: Sequence[TokenRow], *, pad_id: int, side: PaddingSide
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and taught, each [examples, tokens], padded on one side to the longest row."""
    width = max(len(row.ids) for row in rows)
    input_ids = torch.full((len(rows), width), pad_id)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    taught = torch.zeros((len(rows), width), dtype=torch.bool)
    for k, row in enumerate(rows):
        length = len(row.ids)
        place = slice(0, length) if side == "right" else slice(width - length, width)
        input_ids[k, place] = torch.tensor(row.ids)
        mask[k, place] = 1
        taught[k, place] = torch.tensor(row.taught)
    return input_ids, mask, taught


def stack_windows(windows: Sequence[Window], *, bands: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Features [windows, mel bands, frames] and mask [windows, frames]; shorter windows are filled with zeros, which
    the mask takes out."""
    frames = max((window.log_mel.shape[1] for window in windows), default=0)
    features = np.zeros((len(windows), bands, frames), dtype=np.float32)
    mask = torch.zeros((len(windows), frames), dtype=torch.long)
    for k, window in enumerate(windows):
        features[k, :, : window.log_mel.shape[1]] = window.log_mel
        mask[k, : window.frames] = 1
    return torch.from_numpy(features), mask
