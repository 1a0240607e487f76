"""Music Flamingo: Audio Flamingo 3 with marks around every clip and a rotary clock that starts anew in each.

Its processor takes one audio a prompt by a check alone; the model finds the runs of audio tokens of several clips. The
published weights were never trained on several.
"""

from __future__ import annotations

from pathlib import Path

import torch

from training.bases.audio_flamingo3 import small_tower
from training.bases.chat_base import ChatBase
from training.bases.family import Family
from training.bases.loading import load_chat_base, model_class
from training.bases.tiny_random import byte_tokenizer, random_base, text_settings

FAMILY = Family(
    name="music_flamingo",
    model_types=("musicflamingo",),
    class_name="MusicFlamingoForConditionalGeneration",
    audio_mark="<sound>",
    begin_mark="<|sound_bos|>",
    end_mark="<|sound_eos|>",
    max_clip_s=1200.0,
    fills_window=True,
    feature_mask_name="input_features_mask",
    projector=r".*multi_modal_projector\.linear_(1|2)",
    tower=r".*audio_tower\.layers\.\d+\.(self_attn\.(q|k|v|out)_proj|fc1|fc2)",
)


def load(folder: Path, *, device: str | None = None, dtype: torch.dtype | None = None) -> ChatBase:
    """The base in a local folder. Raises WeightsError."""
    return load_chat_base(folder, FAMILY, device=device, dtype=dtype)


def from_tiny_random_config(seed: int, *, window_s: int = 30) -> ChatBase:
    """A small random base of the real class; short windows make tests quick. Raises MissingClassError."""
    tokenizer = byte_tokenizer(FAMILY)
    config = model_class(FAMILY).config_class(
        audio_config=small_tower(window_s),
        text_config=text_settings(tokenizer),
        audio_token_id=tokenizer.convert_tokens_to_ids(FAMILY.audio_mark),
        audio_bos_token_id=tokenizer.convert_tokens_to_ids(FAMILY.begin_mark),
        audio_eos_token_id=tokenizer.convert_tokens_to_ids(FAMILY.end_mark),
    )
    return random_base(FAMILY, config, tokenizer, seed=seed, window_s=window_s)
