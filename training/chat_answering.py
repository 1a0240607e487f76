"""From conversations to answers with a real base, split into finding and advice. Evaluation and the engine share it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from training.answering import Answer, decoding_settings
from training.bases.base import Conversation
from training.bases.chat_base import ChatBase
from training.chat_prompts import split_answer
from training.examples import Batch
from training.loss import causal_model

MAX_CHAT_TOKENS = 256
"""Finding and advice for a dozen stems; an answer that goes on longer is not complete."""


def chat_decoding_settings(method: str) -> dict[str, Any]:
    """What `generate` is called with. Raises DecodingError for an unknown method."""
    return {**decoding_settings(method), "max_new_tokens": MAX_CHAT_TOKENS}


def answer_chats(
    model: Any,
    base: ChatBase,
    prompts: Sequence[Conversation],
    *,
    method: str = "greedy",
    seed: int = 0,
    most_tokens: int = MAX_CHAT_TOKENS,
) -> list[Answer]:
    """The answers to a batch of prompts; `seed` decides what is sampled, and nothing when decoding is greedy.

    `model` is the base's model, adapted or not. Raises PromptTooLongError, ClipTooLongError, DecodingError.
    """
    batch = on_model(base.batch(prompts, "left"), base)
    decoding = {**chat_decoding_settings(method), "max_new_tokens": most_tokens}
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(seed)
        written = model.generate(**batch.model_inputs(), **decoding)
    new = written[:, batch.input_ids.shape[1] :].tolist()
    lengths = batch.attention_mask.sum(dim=1).tolist()
    return [_answer(base, ids, int(length)) for ids, length in zip(new, lengths, strict=True)]


@torch.inference_mode()
def next_chat_logits(model: Any, batch: Batch) -> torch.Tensor:
    """Logits of the token after each prompt that is padded on the left, float32 [examples, vocabulary].

    Only the last position goes through the vocabulary: all positions of a long prompt would take gigabytes.
    """
    inner = causal_model(model)
    hidden = inner.model(**batch.model_inputs(), use_cache=False).last_hidden_state[:, -1]
    logits: torch.Tensor = inner.lm_head(hidden)
    return logits.float()


def on_model(batch: Batch, base: ChatBase) -> Batch:
    """A batch on the device and in the dtype of a base's model."""
    return batch.to(base.model.device, dtype=base.model.dtype)


def _answer(base: ChatBase, ids: list[int], prompt_tokens: int) -> Answer:
    end = base.model.generation_config.eos_token_id
    complete = end in ids
    body = ids[: ids.index(end)] if complete else ids
    finding, advice = split_answer(base.tokenizer.decode(body, skip_special_tokens=True))
    return Answer(finding, advice, complete, prompt_tokens, len(body) + int(complete))
