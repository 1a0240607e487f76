"""What undoes a disturbance, in its canonical form, and what is left after any other advice.

Levels are compared up to a common factor: a mix turned down as a whole is the same balance. So a disturbance d is
undone by every set of gain changes x with d + x equal over all audible stems. The canonical one changes the fewest
stems, then has the smallest total of |dB|. Text, label and score all use it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from datagen.words import Changes, changes_from_mapping, mapping_from_changes

SHIFT_TOLERANCE_DB = 1.0
"""Two explanations that differ by less than a just audible amount count as the same one."""

_DECIMALS = 6
"""Gains closer than this many decimals are equal: sums of 0.1 dB steps carry rounding noise."""


def canonical_correction(disturbance_db: Mapping[str, float], audible: Sequence[str]) -> Changes:
    """The gain changes in dB that undo a disturbance: fewest stems, then smallest total, inaudible stems left out.

    `disturbance_db` is {stem: gain_db}, missing stems are undisturbed; `audible` gives the stems in the source's
    order. Where two common gains do equally well, the one nearest zero is taken, then the louder one. Raises
    ValueError when a gain is not finite or a stem is audible twice.
    """
    gains_db = _audible_gains(disturbance_db, audible)
    if not gains_db:
        return ()
    common_db = min(set(gains_db.values()), key=lambda c: _cost(gains_db.values(), common_db=c))
    undoing = {stem: _rounded(common_db - gain_db) for stem, gain_db in gains_db.items()}
    return changes_from_mapping(undoing, tuple(audible))


def residual_imbalance_db(
    disturbance_db: Mapping[str, float], changes: Changes | Mapping[str, float], audible: Sequence[str]
) -> float:
    """What is left of a disturbance after applying gain changes: an RMS in dB, 0 for a balance restored.

    The RMS runs over the audible stems of disturbance + changes after their mean is taken off: the mean is the common
    gain that makes the RMS smallest. 0.0 where fewer than two stems are audible.
    """
    gains_db = _audible_gains(disturbance_db, audible)
    applied_db = dict(changes) if isinstance(changes, Mapping) else mapping_from_changes(changes)
    left_db = [gain_db + applied_db.get(stem, 0.0) for stem, gain_db in gains_db.items()]
    if len(left_db) < 2:
        return 0.0
    mean_db = math.fsum(left_db) / len(left_db)
    return math.sqrt(math.fsum((value - mean_db) ** 2 for value in left_db) / len(left_db))


def is_unique(
    disturbance_db: Mapping[str, float],
    audible: Sequence[str],
    *,
    tolerance_db: float = SHIFT_TOLERANCE_DB,
) -> bool:
    """Whether the canonical correction is the only explanation with as few changes.

    With n audible stems: fewer than n/2 changed is always unique. Exactly n/2 changed is unique only where no common
    shift brings all changed stems to within `tolerance_db` of one level, because then changing the others instead
    would explain the mix with as few changes. More than n/2 never is.
    """
    correction = canonical_correction(disturbance_db, audible)
    n_audible, n_changed = len(audible), len(correction)
    if 2 * n_changed != n_audible or n_audible == 0:
        return 2 * n_changed < n_audible or n_audible == 0
    gains_db = [change.gain_db for change in correction]
    return max(gains_db) - min(gains_db) > 2.0 * tolerance_db


def _audible_gains(disturbance_db: Mapping[str, float], audible: Sequence[str]) -> dict[str, float]:
    gains_db = {stem: _rounded(float(disturbance_db.get(stem, 0.0))) for stem in audible}
    if len(gains_db) != len(audible):
        raise ValueError(f"a stem is listed as audible twice: {', '.join(audible)}")
    wild = [stem for stem, gain_db in gains_db.items() if not math.isfinite(gain_db)]
    if wild:
        raise ValueError(f"the disturbance of {', '.join(wild)} is not a finite number of dB")
    return gains_db


def _cost(gains_db: Iterable[float], *, common_db: float) -> tuple[int, float, float, float]:
    moves_db = [_rounded(gain_db - common_db) for gain_db in gains_db]
    n_changed = sum(move_db != 0.0 for move_db in moves_db)
    total_db = _rounded(math.fsum(abs(move_db) for move_db in moves_db))
    return n_changed, total_db, abs(common_db), -common_db


def _rounded(value_db: float) -> float:
    return round(value_db, _DECIMALS) + 0.0
