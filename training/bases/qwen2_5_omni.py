"""Qwen2.5-Omni's thinker: the part that hears and writes; the part that speaks is never loaded.

Clips of at most 5 minutes. The tower takes clips of any length, so none is filled up with silence.
"""

from __future__ import annotations

from pathlib import Path

import torch

from training.bases.chat_base import ChatBase
from training.bases.family import Family
from training.bases.loading import load_chat_base, model_class
from training.bases.tiny_random import MEL_BANDS, WIDTH, byte_tokenizer, random_base, text_settings

FAMILY = Family(
    name="qwen2_5_omni",
    model_types=("qwen2_5_omni", "qwen2_5_omni_thinker"),
    class_name="Qwen2_5OmniThinkerForConditionalGeneration",
    audio_mark="<|AUDIO|>",
    begin_mark="<|audio_bos|>",
    end_mark="<|audio_eos|>",
    max_clip_s=300.0,
    fills_window=False,
    feature_mask_name="feature_attention_mask",
    projector=r".*audio_tower\.proj",
    tower=r".*audio_tower\.layers\.\d+\.(self_attn\.(q|k|v|out)_proj|fc1|fc2)",
    # Speakers' voices of the published folder; the thinker has no voice.
    never_opened=("spk_dict.pt",),
)


def load(folder: Path, *, device: str | None = None, dtype: torch.dtype | None = None) -> ChatBase:
    """The base in a local folder, of the thinker alone or of the whole model. Raises WeightsError."""
    return load_chat_base(folder, FAMILY, device=device, dtype=dtype)


def from_tiny_random_config(seed: int, *, window_s: int = 300) -> ChatBase:
    """A small random base of the real class. Raises MissingClassError."""
    tokenizer = byte_tokenizer(FAMILY)
    config = model_class(FAMILY).config_class(
        audio_config=_small_tower(),
        vision_config=_smallest_eye(),
        text_config=_text(tokenizer),
        audio_token_index=tokenizer.convert_tokens_to_ids(FAMILY.audio_mark),
        audio_start_token_id=tokenizer.convert_tokens_to_ids(FAMILY.begin_mark),
        audio_end_token_id=tokenizer.convert_tokens_to_ids(FAMILY.end_mark),
        # No picture is ever shown; any id that no text uses will do.
        image_token_index=len(tokenizer),
        video_token_index=len(tokenizer) + 1,
        vision_start_token_id=len(tokenizer) + 2,
    )
    return random_base(FAMILY, config, tokenizer, seed=seed, window_s=window_s)


def _text(tokenizer: object) -> dict[str, object]:
    # The rotary position of this family has three parts, which share the 4 frequencies of a head of width 8.
    sections = {"rope_type": "default", "mrope_section": [2, 1, 1], "rope_theta": 1_000_000.0}
    settings = text_settings(tokenizer)
    return {**settings, "model_type": "qwen2_5_omni_text", "rope_parameters": sections}


def _small_tower() -> dict[str, object]:
    return {
        "num_mel_bins": MEL_BANDS,
        "d_model": WIDTH,
        "encoder_layers": 1,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 2 * WIDTH,
        "output_dim": WIDTH,
    }


def _smallest_eye() -> dict[str, object]:
    return {
        "depth": 1,
        "hidden_size": WIDTH,
        "intermediate_size": WIDTH,
        "num_heads": 2,
        "out_hidden_size": WIDTH,
        "fullatt_block_indexes": [0],
    }
