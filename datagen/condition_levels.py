"""Loudness, peak and trim of every condition of a stimulus, and the one attenuation that keeps all from clipping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.loudness import amplitude_db, gram_blocks, linear_gains, loudness_of_gains, true_peak_linear
from datagen.requests import ConditionLevel

CEILING_DBTP = -1.0
"""No mix, after its loudness trim, goes above this."""
STEM_CEILING_DBTP = 0.0
"""No single stem goes above this."""
RESIDUAL_LU = 0.005
MAX_ROUNDS = 50
PROBLEM = "problem"


@dataclass(frozen=True)
class StimulusLevels:
    """Levels of a stimulus's conditions once the attenuation is baked into its stems."""

    attenuation_db: float
    conditions: dict[str, ConditionLevel]
    residual_lu: float
    """The largest loudness difference to the problem that is left after the trims."""


def measure_conditions(
    stems: NDArray[np.float32], sample_rate: int, *, gains_db: Mapping[str, NDArray[np.float64]]
) -> StimulusLevels:
    """Levels of every condition over problem stems [stems, 2, samples].

    `gains_db` is {condition: gain of every stem}; `problem` must be among them and is what the others are matched to.
    The trims depend on the attenuation through the absolute gate alone, so the two are settled in turns.
    """
    blocks = gram_blocks(stems, sample_rate)
    gains = {name: linear_gains(list(each)) for name, each in gains_db.items()}
    peaks_db = {name: amplitude_db(_mix_peak(stems, gain)) for name, gain in gains.items()}
    stem_peak_db = amplitude_db(max(true_peak_linear(stem) for stem in stems))
    attenuation_db = min(0.0, STEM_CEILING_DBTP - stem_peak_db)
    for _ in range(MAX_ROUNDS):
        trims_db = _trims(blocks, gains, attenuation_db)
        loudest_db = max(peaks_db[name] + trims_db[name] for name in gains) + attenuation_db
        if loudest_db <= CEILING_DBTP + 1e-9:
            break
        attenuation_db += CEILING_DBTP - loudest_db
    return _levels(blocks, gains, peaks_db, trims_db, attenuation_db)


def _mix_peak(stems: NDArray[np.float32], gains: NDArray[np.float64]) -> float:
    return true_peak_linear(np.tensordot(gains.astype(np.float32), stems, axes=1))


def _trims(
    blocks: NDArray[np.float64], gains: Mapping[str, NDArray[np.float64]], attenuation_db: float
) -> dict[str, float]:
    target = _loudness(blocks, gains[PROBLEM], attenuation_db)
    return {
        name: 0.0 if name == PROBLEM or target is None else _trim(blocks, gain, attenuation_db, target)
        for name, gain in gains.items()
    }


def _trim(blocks: NDArray[np.float64], gains: NDArray[np.float64], attenuation_db: float, target: float) -> float:
    """The gain that brings a condition to the target; steps repeat because a trim may move blocks over the gate."""
    trim_db = 0.0
    for _ in range(MAX_ROUNDS):
        loudness = _loudness(blocks, gains, attenuation_db + trim_db)
        if loudness is None:
            return 0.0
        if abs(target - loudness) <= RESIDUAL_LU / 5:
            break
        trim_db += target - loudness
    return trim_db


def _loudness(blocks: NDArray[np.float64], gains: NDArray[np.float64], level_db: float) -> float | None:
    return loudness_of_gains(blocks, gains * linear_gains([level_db]))


def _levels(
    blocks: NDArray[np.float64],
    gains: Mapping[str, NDArray[np.float64]],
    peaks_db: Mapping[str, float],
    trims_db: Mapping[str, float],
    attenuation_db: float,
) -> StimulusLevels:
    target = _loudness(blocks, gains[PROBLEM], attenuation_db)
    conditions, residual = {}, 0.0
    for name, gain in gains.items():
        loudness = _loudness(blocks, gain, attenuation_db)
        trimmed = _loudness(blocks, gain, attenuation_db + trims_db[name])
        if trimmed is not None and target is not None:
            residual = max(residual, abs(trimmed - target))
        conditions[name] = ConditionLevel(loudness, peaks_db[name] + attenuation_db, trims_db[name])
    return StimulusLevels(attenuation_db, conditions, residual)
