"""What every model system is checked for, and what is recorded about its advice, whichever base wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from datagen.requests import AdviceResult
from inference.systems import System, SystemEntryError
from training.answering import Answer
from training.reading import read_changes
from training.run_record import run_versions
from training.weights import Manifest

SMALLEST_EFFECT = 1e-4
"""Logits that move less than this did not move."""
SILENCE = -1.5
"""Whisper's log-mel of silence."""


class NoEffectError(ValueError):
    """The adapter, or the audio, made no difference to what the model computes."""


class AdviceMentionsReferenceError(ValueError):
    """The model mentioned the reference in the text that a producer sees."""


def check_training(system: System, adapter: Manifest | None) -> None:
    """Raise SystemEntryError unless the adapter was trained on what the system's entry says."""
    trained_on = "untuned" if adapter is None else adapter.trained_on
    if trained_on != system.trained_on:
        raise SystemEntryError(
            f"system {system.key!r} says trained_on {system.trained_on!r}, "
            f"adapter {system.adapter or 'none'!r} was trained on {trained_on!r}"
        )


def require_difference(first: torch.Tensor, second: torch.Tensor, what: str) -> None:
    """Raise NoEffectError when two outputs are the same."""
    if float((first - second).abs().max()) < SMALLEST_EFFECT:
        raise NoEffectError(f"{what}: the model's output is the same without it")


def advice_result(system: System, written: Answer, *, stems: Sequence[str], provenance: dict[str, Any]) -> AdviceResult:
    """The result of an answer, its gain changes read back. Raises AdviceMentionsReferenceError."""
    if "reference" in written.advice.lower():
        raise AdviceMentionsReferenceError(f"system {system.key!r} wrote {written.advice!r}")
    changes, why_not = read_changes(written.advice, stems)
    if not written.complete:
        changes, why_not = None, f"the model did not end its answer within {written.answer_tokens} tokens"
    return AdviceResult(
        text=written.advice,
        finding=written.finding,
        changes_db=changes,
        not_actionable=why_not,
        provenance=provenance,
    )


def model_provenance(base: Manifest, adapter: Manifest | None, written: Answer) -> dict[str, Any]:
    """What made an advice: base, adapter, tokens and versions."""
    return {
        "base": base.name,
        "base_sha256": base.weights_sha256,
        "adapter_sha256": adapter.weights_sha256 if adapter else "",
        "adapter": adapter.name if adapter else "",
        "generator_version": (adapter or base).generator_version,
        "tokens": {"prompt": written.prompt_tokens, "answer": written.answer_tokens},
        "versions": run_versions(),
    }
