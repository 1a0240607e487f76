"""Advice written by base and adapter: what is returned is what the model decoded, nothing is added or corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from datagen.requests import AdviceRequest, AdviceResult
from inference.excerpt_audio import StemSet, check_length, problem_stems, reference_stems
from inference.loaded_models import loaded_models, weights_folder
from inference.systems import System, SystemEntryError, needs_reference
from training.answering import Answer, AnyModel, answer, decoding_settings, next_token_logits, prompt_example
from training.examples import Batch, Example, make_batch
from training.features import FeatureSettings, Floats, fill_window, log_mel, mel_power
from training.prompts import PROMPT_VERSION, ClipSlot, Prompt, advice_prompt, sampling_seed, wording_of
from training.reading import read_changes
from training.run_record import run_versions
from training.tiny_base import Base
from training.weights import Manifest

SMALLEST_EFFECT = 1e-4
"""Logits that move less than this did not move."""


class NoEffectError(ValueError):
    """The adapter, or the audio, made no difference to what the model computes."""


class AdviceMentionsReferenceError(ValueError):
    """The model mentioned the reference in the text that a producer sees."""


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
    models = loaded_models(weights_folder())
    asked = ask(request, system, features=models.base.features)
    with models.using(system.adapter) as (model, adapter):
        _check_training(system, adapter)
        _check_effects(model, models.base, asked.example, adapted=adapter is not None)
        written = answer(model, models.base, [asked.example], method=system.decoding, seed=asked.seed)[0]
    return _result(system, models.manifest, adapter, asked, written)


def ask(request: AdviceRequest, system: System, *, features: FeatureSettings) -> Asked:
    """The prompt and features of a request; the same prompt builder and front end as in training."""
    clip_seconds = {"problem": check_length(request.excerpt, window_s=features.window_seconds, side="problem")}
    sides = {"problem": problem_stems(request, sample_rate=features.sample_rate)}
    if needs_reference(system) and request.reference_excerpt is not None:
        clip_seconds["reference"] = check_length(
            request.reference_excerpt, window_s=features.window_seconds, side="reference"
        )
        sides["reference"] = reference_stems(request, sample_rate=features.sample_rate)
    prompt = advice_prompt(
        system.shown,
        reference_kind=system.reference_kind,
        wording=wording_of(request.seed, request.item_id),
        stems=sides["problem"].names,
        brief=request.brief,
    )
    clips = np.stack([_clip(sides[slot.side], slot, features) for slot in prompt.clips])
    return Asked(prompt, prompt_example(prompt, clips), clip_seconds, sampling_seed(request.seed, request.item_id))


def _clip(stems: StemSet, slot: ClipSlot, features: FeatureSettings) -> Floats:
    audio = stems.audio.sum(axis=0) if slot.stem == "mix" else stems.audio[stems.names.index(slot.stem)]
    mono = audio.mean(axis=0, dtype=np.float32)
    return log_mel(mel_power(fill_window(mono, settings=features), settings=features))


def _check_training(system: System, adapter: Manifest | None) -> None:
    trained_on = "untuned" if adapter is None else adapter.trained_on
    if trained_on != system.trained_on:
        raise SystemEntryError(
            f"system {system.key!r} says trained_on {system.trained_on!r}, "
            f"adapter {system.adapter or 'none'!r} was trained on {trained_on!r}"
        )


def _check_effects(model: AnyModel, base: Base, example: Example, *, adapted: bool) -> None:
    batch = make_batch([example], tokenizer=base.tokenizer, features=base.features, side="left")
    heard = next_token_logits(model, batch)
    silent = Batch(batch.input_ids, batch.attention_mask, torch.full_like(batch.input_features, -1.5), batch.taught)
    _require_difference(heard, next_token_logits(model, silent), "audio never reached the model")
    if adapted:
        _require_difference(heard, _without_adapter(model, batch), "the adapter has no effect")


def _without_adapter(model: AnyModel, batch: Batch) -> torch.Tensor:
    with model.disable_adapter():
        return next_token_logits(model, batch)


def _require_difference(first: torch.Tensor, second: torch.Tensor, what: str) -> None:
    if float((first - second).abs().max()) < SMALLEST_EFFECT:
        raise NoEffectError(f"{what}: the model's output is the same without it")


def _result(system: System, base: Manifest, adapter: Manifest | None, asked: Asked, written: Answer) -> AdviceResult:
    if "reference" in written.advice.lower():
        raise AdviceMentionsReferenceError(f"system {system.key!r} wrote {written.advice!r}")
    changes, why_not = read_changes(written.advice)
    if not written.complete:
        changes, why_not = None, f"the model did not end its answer within {written.answer_tokens} tokens"
    return AdviceResult(
        text=written.advice,
        finding=written.finding,
        changes_db=changes,
        not_actionable=why_not,
        provenance=_provenance(base, adapter, asked, written, method=system.decoding),
    )


def _provenance(
    base: Manifest, adapter: Manifest | None, asked: Asked, written: Answer, *, method: str
) -> dict[str, Any]:
    return {
        "base_sha256": base.weights_sha256,
        "adapter_sha256": adapter.weights_sha256 if adapter else "",
        "adapter": adapter.name if adapter else "",
        "generator_version": (adapter or base).generator_version,
        "prompt_version": PROMPT_VERSION,
        "prompt_sha256": asked.prompt.sha256,
        "prompt": asked.prompt.text,
        "decoding": {"method": method, "seed": asked.seed, **decoding_settings(method)},
        "tokens": {"prompt": written.prompt_tokens, "answer": written.answer_tokens},
        "clip_seconds": asked.clip_seconds,
        "versions": run_versions(),
    }
