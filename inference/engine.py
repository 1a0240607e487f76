"""From a request to an advice: the model systems, and the named systems they are compared with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from datagen.explanations import write
from datagen.oracle import least_squares_changes
from datagen.requests import AdviceRequest, AdviceResult, Progress
from datagen.words import Changes, mapping_from_changes
from inference.excerpt_audio import problem_stems, reference_stems
from inference.model_system import model_advice
from inference.systems import System, system_of
from training.prompts import wording_of

ORACLE_RATE = 16_000
"""Samples a second at which the oracle compares: gains are the same at any rate, and less is read."""


def advise(request: AdviceRequest, progress: Progress) -> AdviceResult:
    """The advice of a request's system.

    `progress` is called with the share done and may raise when the job was taken away. Raises ValueError subclasses
    that say what is wrong with the request, the system entry, the excerpt or the weights; a result whose text cannot
    be read is not an error but has `changes_db` None and the reason.
    """
    started = time.monotonic()
    system = system_of(request)
    progress(0.05, f"{request.item_id}: preparing")
    result = ADVISERS[system.kind](request, system)
    progress(1.0, f"{request.item_id}: advice written")
    provenance = {
        "system": system.key,
        "kind": system.kind,
        "trained_on": system.trained_on,
        "shown": system.shown,
        "reference_kind": system.reference_kind,
        "register": system.register,
        **result.provenance,
        "seconds": round(time.monotonic() - started, 3),
    }
    return replace(result, provenance=provenance)


def oracle_advice(request: AdviceRequest, system: System) -> AdviceResult:
    """Gain changes by least squares on the samples of problem and reference; the text is written from them.

    Raises OracleError when the reference is not the same passage.
    """
    problem = problem_stems(request, sample_rate=ORACLE_RATE)
    reference = reference_stems(request, sample_rate=ORACLE_RATE)
    changes = least_squares_changes(
        problem.audio, reference.audio, sample_rate=problem.sample_rate, names=problem.names
    )
    return _written(request, system, changes, method="least squares on stems")


def constant_advice(request: AdviceRequest, system: System) -> AdviceResult:
    """Nothing to change, whatever is heard."""
    return _written(request, system, (), method="constant answer")


def _written(request: AdviceRequest, system: System, changes: Changes, *, method: str) -> AdviceResult:
    seed = wording_of(request.seed, request.item_id)
    text = write(changes, register=system.register, seed=seed, reference=system.kind == "oracle")
    return AdviceResult(
        text=text.advice,
        finding=text.finding,
        changes_db=mapping_from_changes(changes),
        not_actionable="",
        provenance={"method": method, "text": "written by datagen.explanations, not by a model"},
    )


Adviser = Callable[[AdviceRequest, System], AdviceResult]

ADVISERS: dict[str, Adviser] = {
    "model": model_advice,
    "shuffled_reference": model_advice,
    "oracle": oracle_advice,
    "constant": constant_advice,
}
