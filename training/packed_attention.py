"""Attention over a packed row, example by example: causal kernels on short pieces, and no mask of tokens x tokens.

transformers tells packed examples apart by their positions, with a mask over the whole row; for 4,000 tokens that is
sixteen million entries, and the fast causal kernels cannot be used. No package beyond torch is needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

NAME = "packed_examples"


@contextmanager
def packed_attention(model: Any) -> Iterator[None]:
    """Inside, the language model attends within the examples of a PackedBatch, and takes nothing else.

    model: a transformers model, not wrapped. Elsewhere it keeps the attention it was loaded with.
    """
    AttentionInterface.register(NAME, _attention)
    config = language_config(model)
    before = config._attn_implementation
    config._attn_implementation = NAME
    try:
        yield
    finally:
        config._attn_implementation = before


def language_config(model: Any) -> Any:
    """The configuration that the layers of the language model read."""
    return model.get_decoder().config


def _attention(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    segment_lengths: torch.Tensor | None = None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """query [1, heads, tokens, width]; key and value alike, with their own number of heads."""
    if segment_lengths is None or attention_mask is not None or len(query) != 1:
        raise ValueError("this attention takes packed batches only; leave `packed_attention` to answer or pad")
    lengths = _host_list(segment_lengths)
    pieces = zip(*(torch.split(tensor, lengths, dim=2) for tensor in (query, key, value)), strict=True)
    outputs = [
        sdpa_attention_forward(module, q, k, v, None, dropout=dropout, scaling=scaling, is_causal=True)[0]
        for q, k, v in pieces
    ]
    return torch.cat(outputs, dim=1), None


def _host_list(lengths: torch.Tensor) -> list[int]:
    """The lengths as numbers, fetched from the device once a batch and not once a layer."""
    known: list[int] | None = getattr(lengths, "host_list", None)
    if known is None:
        known = lengths.tolist()
        lengths.host_list = known  # type: ignore[attr-defined]
    return known
