"""Scores of advice against canonical corrections. Plain numbers in, plain numbers out; no torch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

AUDIBLE_CHANGE_DB = 3.0
"""Changes from this size on count for the headline figure."""
PSYCHOMETRIC_DB: tuple[float, ...] = (0.5, 1.0, 1.5, 2.0, 3.0, 6.0, 9.0, 12.0)
BOOTSTRAP_DRAWS = 1000


@dataclass(frozen=True)
class Scored:
    """One advice beside what was right."""

    track: str
    correction_db: Mapping[str, float]
    """What undoes the disturbance, {stem: gain_db}; empty for a clean item."""
    advised_db: Mapping[str, float] | None
    """What the advice says, or None when nothing could be read from it."""
    stems: tuple[str, ...]
    """The stems that count: those that are audible."""


@dataclass(frozen=True)
class Scores:
    """What a system reaches on a set of items; shares between 0 and 1, None where no item decides."""

    items: int
    tracks: int
    found: float | None
    """Share of changed stems, 3 dB or more, that are named with the right direction."""
    false_alarms: float | None
    """Share of unchanged stems that are named."""
    error_db: float | None
    """Mean |advised - right| over all changed stems; missed or unreadable counts as 0 dB advised."""
    specificity: float | None
    """Share of clean items for which nothing is advised (an unreadable advice does not count)."""
    exact: float | None
    """Share of items whose set of stems and directions is exactly right."""
    unreadable: float
    found_of_two: float | None
    """As `found`, on items with two changed stems."""
    false_alarms_of_two: float | None


def advised_gain(scored: Scored, stem: str) -> float:
    """The gain advised for a stem in dB; 0 when it is not named or the advice cannot be read."""
    return 0.0 if scored.advised_db is None else float(scored.advised_db.get(stem, 0.0))


def is_found(scored: Scored, stem: str) -> bool:
    """Whether a changed stem is named with the right direction."""
    return advised_gain(scored, stem) * scored.correction_db[stem] > 0.0


def score(items: Sequence[Scored]) -> Scores:
    """The scores of a set of items."""
    two = [item for item in items if len(item.correction_db) == 2]
    clean = [item for item in items if not item.correction_db]
    return Scores(
        items=len(items),
        tracks=len({item.track for item in items}),
        found=_share(_found_flags(items, from_db=AUDIBLE_CHANGE_DB)),
        false_alarms=_share(_false_alarm_flags(items)),
        error_db=_share(_errors_db(items)),
        specificity=_share(item.advised_db is not None and not item.advised_db for item in clean),
        exact=_share(_is_exact(item) for item in items),
        unreadable=_share(item.advised_db is None for item in items) or 0.0,
        found_of_two=_share(_found_flags(two, from_db=AUDIBLE_CHANGE_DB)),
        false_alarms_of_two=_share(_false_alarm_flags(two)),
    )


def _found_flags(items: Iterable[Scored], *, from_db: float) -> list[bool]:
    return [
        is_found(item, stem)
        for item in items
        for stem, gain_db in item.correction_db.items()
        if abs(gain_db) >= from_db
    ]


def _false_alarm_flags(items: Iterable[Scored]) -> list[bool]:
    return [advised_gain(item, stem) != 0.0 for item in items for stem in item.stems if stem not in item.correction_db]


def _errors_db(items: Iterable[Scored]) -> list[float]:
    return [abs(advised_gain(item, stem) - gain_db) for item in items for stem, gain_db in item.correction_db.items()]


def _is_exact(item: Scored) -> bool:
    if item.advised_db is None:
        return False
    return {s: g > 0 for s, g in item.advised_db.items() if g} == {s: g > 0 for s, g in item.correction_db.items()}


def _share(values: Iterable[float]) -> float | None:
    listed = [float(value) for value in values]
    return float(np.mean(listed)) if listed else None


def psychometric(items: Sequence[Scored]) -> dict[float, float | None]:
    """Share of changed stems that are found, per size of the change in dB."""
    by_size: dict[float, list[bool]] = defaultdict(list)
    for item in items:
        for stem, gain_db in item.correction_db.items():
            by_size[abs(gain_db)].append(is_found(item, stem))
    return {size: _share(by_size[size]) for size in PSYCHOMETRIC_DB}


def per_stem_found(items: Sequence[Scored]) -> dict[str, float | None]:
    """Share of changes of 3 dB or more that are found, per stem."""
    stems = dict.fromkeys(stem for item in items for stem in item.stems)
    return {
        stem: _share(
            is_found(item, stem) for item in items if abs(item.correction_db.get(stem, 0.0)) >= AUDIBLE_CHANGE_DB
        )
        for stem in stems
    }


def track_interval(
    items: Sequence[Scored], statistic: Callable[[Sequence[Scored]], float | None], *, seed: int = 0
) -> tuple[float, float] | None:
    """95 % percentile interval of a statistic by resampling whole tracks; None with fewer than ten tracks."""
    by_track: dict[str, list[Scored]] = defaultdict(list)
    for item in items:
        by_track[item.track].append(item)
    groups = list(by_track.values())
    if len(groups) < 10:
        return None
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(BOOTSTRAP_DRAWS):
        picked = rng.integers(len(groups), size=len(groups))
        value = statistic([item for k in picked for item in groups[k]])
        if value is not None:
            draws.append(value)
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def scores_to_json(scores: Scores) -> dict[str, float | int | None]:
    """Scores as plain data, rounded for print."""
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(scores).items()}
