"""What can be heard of every stem of a triplet's problem, and what its disturbance did to the loudness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.excerpt_facts import stem_facts
from datagen.loudness import gram_blocks, linear_gains, loudness_of_gains
from datagen.recipes import Recipe

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class StemMeasures:
    """One stem of a problem; loudness is integrated (BS.1770-5), None where it is not measurable."""

    audible: bool
    """As the recipe says: only audible stems are changed or advised on."""
    level_lu: float | None
    """Loudness relative to the whole mix, in the balanced excerpt."""
    active_share: float
    """Share of 400 ms blocks above -60 LUFS, 0..1, in the balanced excerpt at the problem's level."""
    mix_effect_lu: float | None
    """By how much this stem's disturbance alone moves the loudness of the whole mix."""
    ratio_effect_lu: float | None
    """By how much the whole disturbance moves this stem's loudness relative to all other stems together."""


def measure_stems(
    problem: NDArray[np.float32], sample_rate: int, *, recipe: Recipe, names: Sequence[str]
) -> dict[str, StemMeasures]:
    """Measures of every stem from problem stems [stems, 2, samples], which carry the recipe's disturbance and level.

    The balanced excerpt is not needed: its Gram blocks are the problem's, scaled. Raises ValueError for values that
    are no numbers.
    """
    disturbance_db = np.array([recipe.disturbance_db.get(name, 0.0) for name in names])
    undoing = linear_gains(list(-disturbance_db))
    disturbed = gram_blocks(problem, sample_rate)
    balanced = disturbed * np.outer(undoing, undoing)
    before, after = stem_facts(balanced, names=names), stem_facts(disturbed, names=names)
    effects = _mix_effects(balanced, disturbance_db)
    return {
        old.stem: StemMeasures(
            audible=old.stem in recipe.audible,
            level_lu=old.level_lu,
            active_share=old.active_share,
            mix_effect_lu=effect,
            ratio_effect_lu=_difference(new.ratio_lu, old.ratio_lu),
        )
        for old, new, effect in zip(before, after, effects, strict=True)
    }


def _mix_effects(balanced: Floats, disturbance_db: Floats) -> list[float | None]:
    """Loudness of the mix with one stem disturbed minus that of the balanced mix, stem by stem."""
    alone = 10.0 ** (np.diag(disturbance_db) / 20.0)
    before = loudness_of_gains(balanced, np.ones(len(disturbance_db)))
    return [_difference(loudness_of_gains(balanced, gains), before) for gains in alone]


def _difference(level: float | None, other: float | None) -> float | None:
    return None if level is None or other is None else level - other
