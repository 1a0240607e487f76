"""The answer by arithmetic: gain changes by least squares. The ceiling of the task, and the checker of labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from datagen.corrections import canonical_correction
from datagen.excerpt_facts import audible_stems
from datagen.loudness import amplitude_db
from datagen.words import STEMS, Changes, snap_to_grid

MIN_EXPLAINED = 0.99
"""A stem's reference must explain this share of its energy, or it is not the same passage."""


class OracleError(ValueError):
    """The two sets are not the same passage, so that no gain relates them."""


def least_squares_changes(
    problem: ArrayLike,
    reference: ArrayLike,
    *,
    sample_rate: int = 44_100,
    names: Sequence[str] = STEMS,
    audible: Sequence[str] | None = None,
) -> Changes:
    """The canonical correction of a problem set, from problem and reference stems [stems, channels, samples].

    Per stem, the gain g that makes |problem - g * reference| smallest is <problem, reference> / <reference, reference>.
    The common level of the two sets cancels; what is left is snapped to the gain grid. Stems that are not audible in
    the reference are left out; `audible` names those that are where it is known, otherwise it is measured. Raises
    OracleError when the sets are not the same passage.
    """
    problem, reference = np.asarray(problem), np.asarray(reference)
    if problem.shape != reference.shape or problem.ndim != 3 or len(problem) != len(names):
        raise OracleError(
            f"shapes {problem.shape} and {reference.shape}, expected two of [{len(names)}, channels, samples]"
        )
    audible = audible_stems(reference, sample_rate, names=names) if audible is None else tuple(audible)
    gains_db = {
        name: _gain_db(problem[position], reference[position], name)
        for position, name in enumerate(names)
        if name in audible
    }
    return canonical_correction(_on_grid(gains_db), audible)


def _gain_db(problem: NDArray[np.floating], reference: NDArray[np.floating], name: str) -> float:
    ours, theirs = problem.astype(np.float64).ravel(), reference.astype(np.float64).ravel()
    reference_energy, problem_energy = float(theirs @ theirs), float(ours @ ours)
    if reference_energy == 0.0:
        raise OracleError(f"{name}: the reference is silent, no gain can be told")
    gain = float(ours @ theirs) / reference_energy
    if gain <= 0 or gain * gain * reference_energy < MIN_EXPLAINED * problem_energy:
        raise OracleError(f"{name}: problem and reference are not the same passage")
    return amplitude_db(gain)


def _on_grid(gains_db: dict[str, float]) -> dict[str, float]:
    """Differences to one stem, on the grid: the common level need not be on it, so it is taken off first."""
    if not gains_db:
        return {}
    base_db = next(iter(gains_db.values()))
    return {stem: snap_to_grid(gain_db - base_db) for stem, gain_db in gains_db.items()}
