"""Advice written by base and adapter: what is returned is what the model decoded, nothing is added or corrected.

The tiny base's part; a real base's is in chat_system.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from datagen.requests import AdviceRequest, AdviceResult
from datagen.words import STEMS
from inference.advice_checks import (
    SILENCE,
    AdviceMentionsReferenceError,
    NoEffectError,
    advice_result,
    check_training,
    model_provenance,
    require_difference,
)
from inference.chat_system import chat_advice
from inference.excerpt_audio import StemSet, heard_sides, mono_clip
from inference.loaded_models import LoadedModels, models_for
from inference.systems import System
from training.answering import Answer, AnyModel, answer, decoding_settings, next_token_logits, prompt_example
from training.bases.tiny_qwen2_audio import TinyBase
from training.examples import Batch, Example, make_batch
from training.features import FeatureSettings, Floats, fill_window, log_mel, mel_power
from training.prompts import PROMPT_VERSION, ClipSlot, Prompt, advice_prompt, sampling_seed, wording_of
from training.tiny_base import Base
from training.weights import Manifest

__all__ = ["AdviceMentionsReferenceError", "Asked", "NoEffectError", "ask", "model_advice"]


@dataclass(frozen=True)
class Asked:
    """A prompt with its audio, and what is recorded about it."""

    prompt: Prompt
    example: Example
    clip_seconds: dict[str, float]
    seed: int
    """What is sampled where decoding is not greedy: from the request's seed and item, alike for all systems."""


def model_advice(request: AdviceRequest, system: System) -> AdviceResult:
    """The advice of a model system. Raises the named errors of weights, prompts and audio; never a guess."""
    models = models_for(system.adapter)
    if isinstance(models.base, TinyBase):
        return _tiny_advice(request, system, models, models.base.parts)
    return chat_advice(request, system, models, models.base)


def _tiny_advice(request: AdviceRequest, system: System, models: LoadedModels, base: Base) -> AdviceResult:
    asked = ask(request, system, features=base.features)
    with models.using(system.adapter) as (model, adapter):
        check_training(system, adapter)
        _check_effects(model, base, asked.example, adapted=adapter is not None)
        written = answer(model, base, [asked.example], method=system.decoding, seed=asked.seed)[0]
    return _result(system, models.manifest, adapter, asked, written)


def ask(request: AdviceRequest, system: System, *, features: FeatureSettings) -> Asked:
    """The prompt and features of a request; the same prompt builder and front end as in training."""
    sides, clip_seconds = heard_sides(
        request, system, sample_rate=features.sample_rate, window_s=features.window_seconds
    )
    prompt = advice_prompt(
        system.shown,
        reference_kind=system.reference_kind,
        wording=wording_of(request.seed, request.item_id),
        stems=_in_order(sides["problem"].names),
        brief=request.brief,
    )
    clips = np.stack([_clip(sides[slot.side], slot, features) for slot in prompt.clips])
    return Asked(prompt, prompt_example(prompt, clips), clip_seconds, sampling_seed(request.seed, request.item_id))


def _in_order(stems: Sequence[str]) -> Sequence[str]:
    """The order of training, whatever the order of the request; unknown stems are for the prompt to refuse."""
    return STEMS if sorted(stems) == sorted(STEMS) else stems


def _clip(stems: StemSet, slot: ClipSlot, features: FeatureSettings) -> Floats:
    mono = mono_clip(stems, slot.stem)
    return log_mel(mel_power(fill_window(mono, settings=features), settings=features))


def _check_effects(model: AnyModel, base: Base, example: Example, *, adapted: bool) -> None:
    batch = make_batch([example], tokenizer=base.tokenizer, features=base.features, side="left")
    heard = next_token_logits(model, batch)
    silent = Batch(batch.input_ids, batch.attention_mask, torch.full_like(batch.input_features, SILENCE), batch.taught)
    require_difference(heard, next_token_logits(model, silent), "audio never reached the model")
    if adapted:
        require_difference(heard, _without_adapter(model, batch), "the adapter has no effect")


def _without_adapter(model: AnyModel, batch: Batch) -> torch.Tensor:
    with model.disable_adapter():
        return next_token_logits(model, batch)


def _result(system: System, base: Manifest, adapter: Manifest | None, asked: Asked, written: Answer) -> AdviceResult:
    provenance = {
        **model_provenance(base, adapter, written),
        "prompt_version": PROMPT_VERSION,
        "prompt_sha256": asked.prompt.sha256,
        "prompt": asked.prompt.text,
        "decoding": {"method": system.decoding, "seed": asked.seed, **decoding_settings(system.decoding)},
        "clip_seconds": asked.clip_seconds,
    }
    return advice_result(system, written, stems=STEMS, provenance=provenance)
