"""The stems of a request as a model or the oracle gets them: read once, with every gain applied, in float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from datagen.requests import AdviceRequest, ExcerptRef
from datagen.sources import read_excerpt, track_of
from inference.systems import System, needs_reference

Audio = NDArray[np.float32]


class SilentExcerptError(ValueError):
    """There is nothing to hear in a set of stems."""


class ClipLongerThanWindowError(ValueError):
    """An excerpt that does not fit the model's window; refused, because cutting it would hide what comes later."""


@dataclass(frozen=True)
class StemSet:
    """Stems [stems, channels, samples] at one sample rate, with their names in the source's order."""

    names: tuple[str, ...]
    audio: Audio
    sample_rate: int


def problem_stems(request: AdviceRequest, *, sample_rate: int | None) -> StemSet:
    """The disturbed stems at the problem's common level; `sample_rate` None keeps the track's own rate."""
    return _stems(request.excerpt, request.disturbance_db, level_db=request.problem_level_db, sample_rate=sample_rate)


def reference_stems(request: AdviceRequest, *, sample_rate: int | None) -> StemSet:
    """The reference's stems at its common level. The request must have a reference excerpt."""
    assert request.reference_excerpt is not None, "systems.py checks that there is a reference"
    return _stems(
        request.reference_excerpt,
        request.reference_gains_db,
        level_db=request.reference_level_db,
        sample_rate=sample_rate,
    )


def heard_sides(
    request: AdviceRequest, system: System, *, sample_rate: int, window_s: float
) -> tuple[dict[str, StemSet], dict[str, float]]:
    """({side: stems}, {side: seconds}) of what a system is shown: the problem, and the reference where it has one.

    Raises ClipLongerThanWindowError, SilentExcerptError.
    """
    seconds = {"problem": check_length(request.excerpt, window_s=window_s, side="problem")}
    sides = {"problem": problem_stems(request, sample_rate=sample_rate)}
    if needs_reference(system) and request.reference_excerpt is not None:
        seconds["reference"] = check_length(request.reference_excerpt, window_s=window_s, side="reference")
        sides["reference"] = reference_stems(request, sample_rate=sample_rate)
    return sides, seconds


def mono_clip(stems: StemSet, name: str) -> Audio:
    """One stem, or their sum for `mix`, as the mean of its channels, float32 [samples]."""
    audio = stems.audio.sum(axis=0) if name == "mix" else stems.audio[stems.names.index(name)]
    return np.asarray(audio.mean(axis=0, dtype=np.float32))


def check_length(excerpt: ExcerptRef, *, window_s: float, side: str) -> float:
    """The excerpt's length in seconds. Raises ClipLongerThanWindowError when the model would not hear all of it."""
    seconds = excerpt.length_samples / excerpt.sample_rate
    if seconds > window_s + 1e-6:
        raise ClipLongerThanWindowError(
            f"the {side} excerpt of {excerpt.track.key} lasts {seconds:.3f} s, the model hears {window_s:.3f} s; "
            "choose shorter excerpts in the study file"
        )
    return seconds


def _stems(excerpt: ExcerptRef, gains_db: Mapping[str, float], *, level_db: float, sample_rate: int | None) -> StemSet:
    names = track_of(excerpt.track).stems
    audio = _read_once(excerpt, sample_rate)
    if not np.any(audio):
        raise SilentExcerptError(f"every stem of {excerpt.track.key} is silent in the excerpt; choose another one")
    factors = _factors(names, gains_db, level_db)
    return StemSet(names, audio * factors[:, None, None], sample_rate or excerpt.sample_rate)


@lru_cache(maxsize=2)
def _read_once(excerpt: ExcerptRef, sample_rate: int | None) -> Audio:
    # The same passage is often both problem and reference, and the next job's as well.
    audio = read_excerpt(excerpt, sample_rate=sample_rate)
    audio.flags.writeable = False
    return audio


def _factors(names: Sequence[str], gains_db: Mapping[str, float], level_db: float) -> Audio:
    unknown = sorted(set(gains_db) - set(names))
    if unknown:
        raise ValueError(f"gains are given for {', '.join(unknown)}; the track has {', '.join(names)}")
    gains = np.array([gains_db.get(name, 0.0) + level_db for name in names])
    return (10.0 ** (gains / 20.0)).astype(np.float32)
