"""Audio Flamingo 3: windows of 30 s, clips of at most 10 minutes.

Its processor takes one audio a prompt. That is a check of the processor; the model places the audio of any number of
clips, in order, so the prompt is written here without it. The published weights were never trained on several clips.
"""

from __future__ import annotations

from pathlib import Path

import torch

from training.bases.chat_base import ChatBase
from training.bases.family import Family
from training.bases.loading import load_chat_base, model_class
from training.bases.tiny_random import MEL_BANDS, WIDTH, byte_tokenizer, positions_of_window, random_base, text_settings

FAMILY = Family(
    name="audio_flamingo3",
    model_types=("audioflamingo3",),
    class_name="AudioFlamingo3ForConditionalGeneration",
    audio_mark="<sound>",
    begin_mark="",
    end_mark="",
    max_clip_s=600.0,
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
    )
    return random_base(FAMILY, config, tokenizer, seed=seed, window_s=window_s)


def small_tower(window_s: int) -> dict[str, object]:
    """The audio tower of Audio Flamingo 3 and of Music Flamingo, small."""
    return {
        "model_type": "audioflamingo3_encoder",
        "num_mel_bins": MEL_BANDS,
        "hidden_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 2 * WIDTH,
        "max_source_positions": positions_of_window(window_s),
    }
