"""What makes a problem: gain changes on one or two stems, drawn so that only one correction explains them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt

from datagen.corrections import SHIFT_TOLERANCE_DB
from datagen.words import GRID_DB, MAX_GAIN_DB

N_UNIFORMS = 4
"""Random numbers one disturbance uses: clean or not, how many stems, which stems, which gains."""

MAGNITUDES_DB: tuple[float, ...] = tuple(GRID_DB * step for step in range(1, round(MAX_GAIN_DB / GRID_DB) + 1))
"""0.5 to 12 dB on the grid."""

MIN_AUDIBLE = 3
"""With fewer audible stems no change has only one explanation, so nothing is changed."""


def _default_weights() -> tuple[float, ...]:
    # Up to 6 dB is what engineers really change; 0.5 dB is there to bracket thresholds.
    return tuple(0.5 if m < 1.0 else 1.0 if m <= 6.0 else 0.6 for m in MAGNITUDES_DB)


@dataclass(frozen=True)
class DisturbanceSettings:
    """How disturbances are drawn; gains in dB, shares between 0 and 1."""

    clean_share: float = 0.2
    """Share of problems in which nothing was changed."""
    max_stems: int = 2
    """The most stems changed at once: 1 or 2."""
    two_stem_share: float = 0.4
    """Share of the disturbed problems with two changed stems, where enough stems are audible."""
    up_share: float = 0.5
    """Share of changed stems that were made louder."""
    magnitudes_db: tuple[float, ...] = MAGNITUDES_DB
    magnitude_weights: tuple[float, ...] = _default_weights()

    def __post_init__(self) -> None:
        """Raises ValueError that names every setting out of range."""
        problems = _problems(self)
        if problems:
            raise ValueError("disturbance settings: " + "; ".join(problems))


def draw_disturbance(
    rng: np.random.Generator, audible: Sequence[str], settings: DisturbanceSettings
) -> dict[str, float]:
    """One disturbance {stem: gain_db} whose canonical correction is unique; empty for a clean problem.

    `audible` lists the stems that may be changed. With fewer than three audible stems no change has a unique
    explanation, so the problem is always clean.
    """
    return disturbance_from_uniforms(rng.random(N_UNIFORMS), audible, settings)


def disturbance_from_uniforms(
    uniforms: npt.NDArray[np.float64], audible: Sequence[str], settings: DisturbanceSettings
) -> dict[str, float]:
    """The disturbance that four numbers in [0, 1) stand for; see draw_disturbance."""
    n_stems = n_changed(float(uniforms[0]), float(uniforms[1]), len(audible), settings)
    if n_stems == 0:
        return {}
    sets = stem_sets(len(audible), n_stems)
    chosen = sets[int(uniforms[2] * len(sets))]
    gains_db = gain_table(settings, n_stems, needs_gap=2 * n_stems == len(audible))
    row = gains_db.gains_db[int(np.searchsorted(gains_db.cumulative, uniforms[3], side="right"))]
    return {audible[stem]: float(gain_db) for stem, gain_db in zip(chosen, row, strict=True)}


def n_changed(clean: float, count: float, n_audible: int, settings: DisturbanceSettings) -> int:
    """How many stems are changed, from two numbers in [0, 1)."""
    if clean < settings.clean_share or n_audible < MIN_AUDIBLE:
        return 0
    both = settings.max_stems >= 2 and n_audible >= 4 and count < settings.two_stem_share
    return 2 if both else 1


@lru_cache(maxsize=64)
def stem_sets(n_audible: int, n_stems: int) -> tuple[tuple[int, ...], ...]:
    """All sets of n_stems positions out of n_audible, in a fixed order."""
    return tuple(combinations(range(n_audible), n_stems))


@dataclass(frozen=True, eq=False)
class GainTable:
    """All gains a disturbance of one size can have, and how probable they are."""

    gains_db: npt.NDArray[np.float64]
    """Shape (rows, changed stems)."""
    cumulative: npt.NDArray[np.float64]
    """Cumulative probability of the rows; the last is 1."""


@lru_cache(maxsize=64)
def gain_table(settings: DisturbanceSettings, n_stems: int, *, needs_gap: bool) -> GainTable:
    """Gains and probabilities for n_stems changed stems.

    With `needs_gap` exactly half the stems are changed: rows whose two gains are within twice the shift tolerance are
    left out, because changing the other half would explain them as well.
    """
    magnitudes = np.asarray(settings.magnitudes_db)
    weights = np.asarray(settings.magnitude_weights) / sum(settings.magnitude_weights)
    single = np.concatenate([-magnitudes[::-1], magnitudes])
    chance = np.concatenate([weights[::-1] * (1.0 - settings.up_share), weights * settings.up_share])
    if n_stems == 1:
        return _table(single[:, None], chance)
    first, second = np.meshgrid(single, single, indexing="ij")
    rows = np.stack([first.ravel(), second.ravel()], axis=1)
    chance = np.outer(chance, chance).ravel()
    if needs_gap:
        chance = np.where(np.abs(rows[:, 0] - rows[:, 1]) > 2.0 * SHIFT_TOLERANCE_DB, chance, 0.0)
    return _table(rows, chance)


def _table(gains_db: npt.NDArray[np.float64], chance: npt.NDArray[np.float64]) -> GainTable:
    possible = chance > 0.0
    if not possible.any():
        raise ValueError("no disturbance with these magnitudes has a unique explanation; allow more magnitudes")
    cumulative = np.cumsum(chance[possible])
    cumulative /= cumulative[-1]
    cumulative[-1] = 1.0
    return GainTable(gains_db[possible], cumulative)


def _problems(settings: DisturbanceSettings) -> list[str]:
    problems = [
        f"{name} is {value}, expected 0 to 1"
        for name in ("clean_share", "two_stem_share", "up_share")
        if not 0.0 <= (value := getattr(settings, name)) <= 1.0
    ]
    if settings.max_stems not in (1, 2):
        problems.append(f"max_stems is {settings.max_stems}, expected 1 or 2")
    off_grid = [m for m in settings.magnitudes_db if m not in MAGNITUDES_DB]
    if off_grid or not settings.magnitudes_db:
        problems.append(f"magnitudes_db has {off_grid or 'nothing'}, expected 0.5 to 12 in steps of 0.5")
    if len(set(settings.magnitudes_db)) != len(settings.magnitudes_db):
        problems.append("magnitudes_db names a magnitude twice")
    weights = settings.magnitude_weights
    if len(weights) != len(settings.magnitudes_db):
        problems.append(f"magnitude_weights has {len(weights)} entries for {len(settings.magnitudes_db)} magnitudes")
    if not all(0.0 <= weight < np.inf for weight in weights) or sum(weights) <= 0.0:
        problems.append("magnitude_weights must be finite, not negative, and not all zero")
    return problems
