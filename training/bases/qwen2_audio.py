"""Qwen2-Audio-7B and -Instruct: several audios a prompt by design, clips of at most 30 s, 8,192 positions."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import Qwen2AudioConfig

from training.bases.chat_base import ChatBase
from training.bases.family import Family
from training.bases.loading import load_chat_base
from training.bases.tiny_random import MEL_BANDS, WIDTH, byte_tokenizer, positions_of_window, random_base, text_settings

FAMILY = Family(
    name="qwen2_audio",
    model_types=("qwen2_audio",),
    class_name="Qwen2AudioForConditionalGeneration",
    audio_mark="<|AUDIO|>",
    begin_mark="<|audio_bos|>",
    end_mark="<|audio_eos|>",
    max_clip_s=30.0,
    fills_window=True,
    feature_mask_name="feature_attention_mask",
    projector=r".*multi_modal_projector\.linear",
    tower=r".*audio_tower\.layers\.\d+\.(self_attn\.(q|k|v|out)_proj|fc1|fc2)",
)


def load(folder: Path, *, device: str | None = None, dtype: torch.dtype | None = None) -> ChatBase:
    """The base in a local folder. Raises WeightsError."""
    return load_chat_base(folder, FAMILY, device=device, dtype=dtype)


def from_tiny_random_config(seed: int, *, window_s: int = 30) -> ChatBase:
    """A small random base of the real class; a window shorter than the real one's 30 s makes tests quick."""
    tokenizer = byte_tokenizer(FAMILY)
    audio = {
        "model_type": "qwen2_audio_encoder",
        "num_mel_bins": MEL_BANDS,
        "d_model": WIDTH,
        "encoder_layers": 1,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 2 * WIDTH,
        "max_source_positions": positions_of_window(window_s),
    }
    config = Qwen2AudioConfig(
        audio_config=audio,
        text_config=text_settings(tokenizer),
        audio_token_index=tokenizer.convert_tokens_to_ids(FAMILY.audio_mark),
    )
    return random_base(FAMILY, config, tokenizer, seed=seed, window_s=window_s)
