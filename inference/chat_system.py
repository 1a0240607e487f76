"""Advice written by a real base, adapted or not: the same checks as the tiny one's, with prompts that are
conversations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from datagen.requests import AdviceRequest, AdviceResult
from inference.advice_checks import SILENCE, advice_result, check_training, model_provenance, require_difference
from inference.excerpt_audio import heard_sides, mono_clip
from inference.loaded_models import LoadedModels
from inference.systems import System
from training.answering import Answer
from training.bases.base import Clip, Conversation
from training.bases.chat_base import ChatBase
from training.chat_answering import answer_chats, chat_decoding_settings, next_chat_logits, on_model
from training.chat_prompts import CHAT_PROMPT_VERSION, ChatPrompt, advice_chat, conversation_of, stem_order
from training.prompts import sampling_seed, wording_of
from training.weights import Manifest

SHUFFLED = "shuffled"
"""What an adapter's manifest says under `training.stem_order` when it was trained on stems in any order."""


@dataclass(frozen=True)
class ChatAsked:
    """A prompt with its clips, and what is recorded about it."""

    prompt: ChatPrompt
    conversation: Conversation
    clip_seconds: dict[str, float]
    seed: int


def chat_advice(request: AdviceRequest, system: System, models: LoadedModels, base: ChatBase) -> AdviceResult:
    """The advice of a system on a real base. Raises the named errors of weights, prompts and audio; never a guess."""
    with models.using(system.adapter) as (model, adapter):
        check_training(system, adapter)
        asked = ask_chat(request, system, base=base, adapter=adapter)
        _check_effects(model, base, asked, models, system, adapted=adapter is not None)
        written = answer_chats(model, base, [asked.conversation], method=system.decoding, seed=asked.seed)[0]
    provenance = _provenance(models.manifest, adapter, asked, written, method=system.decoding)
    return advice_result(system, written, stems=asked.prompt.stems, provenance=provenance)


def ask_chat(request: AdviceRequest, system: System, *, base: ChatBase, adapter: Manifest | None) -> ChatAsked:
    """The prompt and clips of a request; the same prompt builder and front end as in training."""
    sides, clip_seconds = heard_sides(request, system, sample_rate=base.sample_rate, window_s=base.max_clip_s)
    seed = sampling_seed(request.seed, request.item_id)
    shuffled = adapter is not None and adapter.training.get("stem_order") == SHUFFLED
    prompt = advice_chat(
        system.shown,
        reference_kind=system.reference_kind,
        wording=wording_of(request.seed, request.item_id),
        stems=stem_order(sides["problem"].names, seed=seed, shuffled=shuffled),
        brief=request.brief,
        register=system.register,
    )
    waveforms = [mono_clip(sides[slot.side], slot.stem) for slot in prompt.clips]
    conversation = conversation_of(prompt, [Clip(len(waveform), waveform) for waveform in waveforms])
    return ChatAsked(prompt, conversation, clip_seconds, seed)


def _check_effects(
    model: Any, base: ChatBase, asked: ChatAsked, models: LoadedModels, system: System, *, adapted: bool
) -> None:
    # Each check costs a pass over the whole prompt, so a large model is checked once for each way of asking it.
    way = (system.adapter, system.shown, system.reference_kind)
    if way in models.checked:
        return
    batch = on_model(base.batch([asked.conversation], "left"), base)
    heard = next_chat_logits(model, batch)
    silent = replace(batch, input_features=torch.full_like(batch.input_features, SILENCE))
    require_difference(heard, next_chat_logits(model, silent), "audio never reached the model")
    if adapted:
        with model.disable_adapter():
            require_difference(heard, next_chat_logits(model, batch), "the adapter has no effect")
    models.checked.add(way)


def _provenance(
    base: Manifest, adapter: Manifest | None, asked: ChatAsked, written: Answer, *, method: str
) -> dict[str, Any]:
    return {
        **model_provenance(base, adapter, written),
        "prompt_version": CHAT_PROMPT_VERSION,
        "prompt_sha256": asked.prompt.sha256,
        "prompt": asked.prompt.text,
        "decoding": {"method": method, "seed": asked.seed, **chat_decoding_settings(method)},
        "clip_seconds": asked.clip_seconds,
    }
