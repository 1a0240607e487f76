"""The tiny base: the real Qwen2-Audio class with a small config, its tokenizer and its front end, in one folder.

float16 on disk (11 bits of mantissa; bfloat16's 8 would cost tenths of a decibel), float32 in memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import (
    AutoTokenizer,
    GenerationConfig,
    PreTrainedTokenizerFast,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
)

from training.features import FeatureSettings, settings_to_json
from training.tokenizer import AUDIO, build_tokenizer, terse_words
from training.weights import require_safetensors

FEATURES_FILE = "preprocessor_config.json"


@dataclass(frozen=True)
class TinySize:
    """Width and depth of the tiny base; about 1.6 million parameters by default."""

    language_width: int = 128
    language_layers: int = 6
    language_heads: int = 4
    language_feed_forward: int = 352
    tower_width: int = 96
    tower_layers: int = 2
    tower_heads: int = 4
    tower_feed_forward: int = 384
    positions: int = 512


@dataclass
class Base:
    """A base ready to be trained or asked."""

    model: Qwen2AudioForConditionalGeneration
    tokenizer: PreTrainedTokenizerFast
    features: FeatureSettings = field(default_factory=FeatureSettings)


def build_tiny_base(size: TinySize, *, seed: int, features: FeatureSettings | None = None) -> Base:
    """A randomly initialised tiny base. The same seed gives the same weights."""
    front_end = features or FeatureSettings()
    tokenizer = build_tokenizer(terse_words())
    torch.manual_seed(seed)
    model = Qwen2AudioForConditionalGeneration._from_config(
        _config(size, tokenizer, front_end), attn_implementation="eager", dtype=torch.float32
    )
    model.generation_config = _greedy(tokenizer)
    return Base(model, tokenizer, front_end)


def _config(size: TinySize, tokenizer: PreTrainedTokenizerFast, features: FeatureSettings) -> Qwen2AudioConfig:
    audio = {
        "model_type": "qwen2_audio_encoder",
        "num_mel_bins": features.bins,
        "max_source_positions": features.steps // 2,
        "d_model": size.tower_width,
        "encoder_layers": size.tower_layers,
        "encoder_attention_heads": size.tower_heads,
        "encoder_ffn_dim": size.tower_feed_forward,
    }
    text = {
        "model_type": "qwen2",
        "vocab_size": len(tokenizer),
        "hidden_size": size.language_width,
        "num_hidden_layers": size.language_layers,
        "num_attention_heads": size.language_heads,
        "num_key_value_heads": size.language_heads,
        "intermediate_size": size.language_feed_forward,
        "max_position_embeddings": size.positions,
        "use_sliding_window": False,
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    audio_token = tokenizer.convert_tokens_to_ids(AUDIO)
    return Qwen2AudioConfig(audio_config=audio, text_config=text, audio_token_index=audio_token)


def _greedy(tokenizer: PreTrainedTokenizerFast) -> GenerationConfig:
    return GenerationConfig(
        do_sample=False,
        num_beams=1,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )


def save_base(base: Base, folder: Path) -> None:
    """Write model, tokenizer and front end as safetensors and JSON, float16; the model in memory stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.detach().to(torch.float16) for name, tensor in base.model.state_dict().items()}
    base.model.save_pretrained(folder, state_dict=state)
    base.tokenizer.save_pretrained(folder)
    (folder / FEATURES_FILE).write_text(json.dumps(settings_to_json(base.features), indent=2) + "\n", encoding="utf-8")


def load_base(folder: Path) -> Base:
    """A base from a local folder, float32, in evaluation mode.

    Raises WeightsError when the folder holds no safetensors or any pickle; nothing is ever fetched.
    """
    require_safetensors(folder, "model.safetensors")
    model = Qwen2AudioForConditionalGeneration.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32, attn_implementation="eager"
    )
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    settings = FeatureSettings(**json.loads((folder / FEATURES_FILE).read_text(encoding="utf-8")))
    return Base(model.eval(), tokenizer, settings)
