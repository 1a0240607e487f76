"""Small random bases of the real classes, for tests and speed checks: a byte-level tokenizer, a few thin layers."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, WhisperFeatureExtractor

from training.bases.chat_base import ChatBase
from training.bases.chat_rows import TURN_END, TURN_START
from training.bases.family import Family
from training.bases.loading import make_chat_base, model_class

PAD = "<|endoftext|>"
POSITIONS = 8192
MEL_BANDS = 128
WIDTH = 32
WEIGHT_SCALE = 5.0
"""Random weights are enlarged so far that what is heard shows clearly in what comes out."""


def byte_tokenizer(family: Family) -> Any:
    """One token a byte, and the family's special tokens; it covers any text, in more tokens than a trained one."""
    special = [PAD, TURN_START, TURN_END, family.audio_mark, family.begin_mark, family.end_mark]
    pieces = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *filter(None, special)]
    tokenizer = Tokenizer(models.BPE(vocab={piece: k for k, piece in enumerate(pieces)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=TURN_END,
        additional_special_tokens=[token for token in special[1:] if token],
        clean_up_tokenization_spaces=False,
        model_max_length=POSITIONS,
    )


def text_settings(tokenizer: Any) -> dict[str, Any]:
    """A small Qwen2 language model."""
    return {
        "model_type": "qwen2",
        "vocab_size": len(tokenizer),
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 2 * WIDTH,
        "max_position_embeddings": POSITIONS,
        "use_sliding_window": False,
        "pad_token_id": tokenizer.pad_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "bos_token_id": None,
    }


def positions_of_window(window_s: int) -> int:
    """Steps of the tower in a window: 100 frames a second, halved once before the tower's positions are added."""
    return 50 * window_s


def random_base(family: Family, config: Any, tokenizer: Any, *, seed: int, window_s: int) -> ChatBase:
    """A base of the real class with random weights; the same seed gives the same ones. Front end as the real one's."""
    torch.manual_seed(seed)
    model = model_class(family)._from_config(config, attn_implementation="eager", dtype=torch.float32)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(WEIGHT_SCALE)
    extractor = WhisperFeatureExtractor(feature_size=MEL_BANDS, chunk_length=window_s, return_attention_mask=True)
    return make_chat_base(family, model, tokenizer, extractor)
