"""From prompts to answers: greedy decoding, split into finding and advice. Training's evaluation and the engine share
it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from peft import PeftModel
from transformers import Qwen2AudioForConditionalGeneration

from training.examples import Batch, Example, Part, make_batch
from training.features import Floats
from training.prompts import Prompt
from training.tiny_base import Base
from training.tokenizer import ADVICE, BOS, decode

MAX_ANSWER_TOKENS = 96
METHODS: tuple[str, ...] = ("greedy", "sample")
"""`greedy`: the likeliest token each time. `sample`: drawn from the model's own distribution, by seed."""
LEAST_SHARE = 0.2
"""Sampling leaves out tokens with less than this share of the likeliest one's probability (`min_p`)."""

AnyModel: TypeAlias = PeftModel | Qwen2AudioForConditionalGeneration


class DecodingError(ValueError):
    """A way of decoding that does not exist."""


@dataclass(frozen=True)
class Answer:
    """What a model wrote, and what it cost."""

    finding: str
    advice: str
    """Empty when the model never got to its advice."""
    complete: bool
    """Whether the answer ended by itself."""
    prompt_tokens: int
    answer_tokens: int


def prompt_example(prompt: Prompt, clips: Floats) -> Example:
    """A prompt with its clips, [clips, frames, mel bands], and no answer yet."""
    return Example((Part(f"{BOS} {prompt.text}"),), clips)


def decoding_settings(method: str) -> dict[str, Any]:
    """What `generate` is called with. Raises DecodingError for an unknown method."""
    if method not in METHODS:
        raise DecodingError(f"decoding method is {method!r}, expected one of {', '.join(METHODS)}")
    shared = {"num_beams": 1, "max_new_tokens": MAX_ANSWER_TOKENS}
    if method == "greedy":
        return {"do_sample": False, **shared}
    return {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": LEAST_SHARE, **shared}


def answer(
    model: AnyModel, base: Base, prompts: Sequence[Example], *, method: str = "greedy", seed: int = 0
) -> list[Answer]:
    """The answers to a batch of prompts; `seed` decides what is sampled, and nothing when decoding is greedy."""
    with torch.random.fork_rng(), torch.inference_mode():
        torch.manual_seed(seed)
        return _answer(model, base, prompts, decoding_settings(method))


def _answer(model: AnyModel, base: Base, prompts: Sequence[Example], decoding: dict[str, Any]) -> list[Answer]:
    batch = make_batch(prompts, tokenizer=base.tokenizer, features=base.features, side="left")
    written = model.generate(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        input_features=batch.input_features,
        feature_attention_mask=batch.feature_attention_mask,
        **decoding,
    )
    new = written[:, batch.input_ids.shape[1] :]
    lengths = batch.attention_mask.sum(dim=1).tolist()
    return [_split(base, ids.tolist(), int(length)) for ids, length in zip(new, lengths, strict=True)]


def _split(base: Base, ids: list[int], prompt_tokens: int) -> Answer:
    end = base.tokenizer.eos_token_id
    complete = end in ids
    body = ids[: ids.index(end)] if complete else ids
    mark = int(base.tokenizer.convert_tokens_to_ids(ADVICE))
    cut = body.index(mark) if mark in body else len(body)
    return Answer(
        finding=decode(base.tokenizer, body[:cut]),
        advice=decode(base.tokenizer, body[cut + 1 :]),
        complete=complete,
        prompt_tokens=prompt_tokens,
        answer_tokens=len(body) + int(complete),
    )


@torch.inference_mode()
def next_token_logits(model: AnyModel, batch: Batch) -> torch.Tensor:
    """Logits of the first token of the answer, [examples, vocabulary]; for checks that something has an effect."""
    logits: torch.Tensor = model(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        input_features=batch.input_features,
        feature_attention_mask=batch.feature_attention_mask,
    ).logits
    return logits[:, -1]
