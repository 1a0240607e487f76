"""Scores of advice against canonical corrections. Plain numbers in, plain numbers out; no torch.

Every score is a mean over what its items contribute (changed stems, unchanged stems, clean items, ...), so that one
table of sums by track gives the score, its number of contributions and its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from datagen.corrections import residual_imbalance_db
from training.intervals import Estimate, estimate_mean

AUDIBLE_CHANGE_DB = 3.0
"""Changes from this size on count for the headline figure."""
MAGNITUDES_DB: tuple[float, ...] = (1.0, 2.0, 3.0, 6.0, 9.0, 12.0)
"""Sizes of change that are reported apart."""
ROUNDS = 3
"""How often an advice is applied and the result listened to again, at most."""


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
    rounds_db: tuple[Mapping[str, float], ...] = ()
    """All that was applied by the end of each round of apply-and-listen-again; empty when there were none."""
    stopped: bool = False
    """Whether a round ended with "nothing to change", rather than unreadably or because the rounds were over."""


Contributions = Callable[[Scored], list[float]]


def advised_gain(scored: Scored, stem: str) -> float:
    """The gain advised for a stem in dB; 0 when it is not named or the advice cannot be read."""
    return 0.0 if scored.advised_db is None else float(scored.advised_db.get(stem, 0.0))


def is_found(scored: Scored, stem: str) -> bool:
    """Whether a changed stem is named with the right direction."""
    return advised_gain(scored, stem) * scored.correction_db[stem] > 0.0


def residual_db(scored: Scored, applied_db: Mapping[str, float]) -> float:
    """What is left of the disturbance once gains are applied: an RMS in dB over the audible stems, after their mean
    (the common gain that makes it smallest) is taken off. See datagen.corrections."""
    return residual_imbalance_db({s: -g for s, g in scored.correction_db.items()}, applied_db, scored.stems)


def _found(item: Scored) -> list[float]:
    return [float(is_found(item, s)) for s, gain_db in item.correction_db.items() if abs(gain_db) >= AUDIBLE_CHANGE_DB]


def _false_alarms(item: Scored) -> list[float]:
    return [float(advised_gain(item, stem) != 0.0) for stem in item.stems if stem not in item.correction_db]


def _errors_db(item: Scored) -> list[float]:
    return [abs(advised_gain(item, stem) - gain_db) for stem, gain_db in item.correction_db.items()]


def _left_alone(item: Scored) -> list[float]:
    return [] if item.correction_db else [float(item.advised_db is not None and not any(item.advised_db.values()))]


def _exact(item: Scored) -> list[float]:
    if item.advised_db is None:
        return [0.0]
    advised = {stem: gain_db > 0 for stem, gain_db in item.advised_db.items() if gain_db}
    return [float(advised == {stem: gain_db > 0 for stem, gain_db in item.correction_db.items()})]


def _unreadable(item: Scored) -> list[float]:
    return [float(item.advised_db is None)]


def _of_two(contributions: Contributions) -> Contributions:
    return lambda item: contributions(item) if len(item.correction_db) == 2 else []


def _residual(item: Scored) -> list[float]:
    return [residual_db(item, item.advised_db or {})]


def _residual_after(number: int) -> Contributions:
    return lambda item: [residual_db(item, item.rounds_db[number])] if item.rounds_db else []


def _stopped(item: Scored) -> list[float]:
    return [float(item.stopped)] if item.rounds_db else []


SHARES: dict[str, Contributions] = {
    "found": _found,
    "false_alarms": _false_alarms,
    "specificity": _left_alone,
    "exact": _exact,
    "found_of_two": _of_two(_found),
    "false_alarms_of_two": _of_two(_false_alarms),
    "unreadable": _unreadable,
    "stopped": _stopped,
}
"""Scores between 0 and 1.

`found`: changed stems, 3 dB or more, that are named with the right direction. `false_alarms`: unchanged stems that are
named. `specificity`: clean items for which nothing is advised (an unreadable advice does not count). `exact`: items
whose set of stems and directions is exactly right. `..._of_two`: on items with two changed stems. `stopped`: items
whose rounds ended with "nothing to change".
"""

DECIBELS: dict[str, Contributions] = {
    "error_db": _errors_db,
    "residual_db": _residual,
    **{f"residual_{number + 1}_db": _residual_after(number) for number in range(ROUNDS)},
}
"""Scores in dB. `error_db`: |advised - right| over all changed stems; missed or unreadable counts as 0 dB advised.
`residual_db`: what is left of the imbalance once the advice is applied, over all items; `residual_2_db`: after the
advice was applied and asked for again once, and so on."""

METRICS: dict[str, Contributions] = {**SHARES, **DECIBELS}


def score(items: Sequence[Scored]) -> dict[str, Estimate]:
    """Every score of a set of items, with its interval; the value is None where no item decides."""
    return {name: score_of(items, contributions) for name, contributions in METRICS.items()}


def score_of(items: Sequence[Scored], contributions: Contributions) -> Estimate:
    """One score of a set of items: the mean over what they contribute, with an interval that clusters by track."""
    return estimate_mean([(item.track, value) for item in items for value in contributions(item)])


def found_by_size(items: Sequence[Scored]) -> dict[float, Estimate]:
    """Share of changed stems that are found, per size of the change in dB."""
    return {size: score_of(items, lambda item, size=size: _found_at(item, size)) for size in MAGNITUDES_DB}  # type: ignore[misc]


def found_by_stem(items: Sequence[Scored]) -> dict[str, Estimate]:
    """Share of changes of 3 dB or more that are found, per stem."""
    return {stem: score_of(items, lambda item, stem=stem: _found_in(item, stem)) for stem in _stems(items)}  # type: ignore[misc]


def false_alarms_by_stem(items: Sequence[Scored]) -> dict[str, Estimate]:
    """Share of the items that leave a stem unchanged in which it is named all the same, per stem."""
    return {stem: score_of(items, lambda item, stem=stem: _false_alarm_in(item, stem)) for stem in _stems(items)}  # type: ignore[misc]


def error_by_stem(items: Sequence[Scored]) -> dict[str, Estimate]:
    """dB error over all changes, per stem."""
    return {stem: score_of(items, lambda item, stem=stem: _error_in(item, stem)) for stem in _stems(items)}  # type: ignore[misc]


def _stems(items: Sequence[Scored]) -> list[str]:
    return list(dict.fromkeys(stem for item in items for stem in item.stems))


def _found_at(item: Scored, size_db: float) -> list[float]:
    return [float(is_found(item, stem)) for stem, gain_db in item.correction_db.items() if abs(gain_db) == size_db]


def _found_in(item: Scored, stem: str) -> list[float]:
    return [float(is_found(item, stem))] if abs(item.correction_db.get(stem, 0.0)) >= AUDIBLE_CHANGE_DB else []


def _false_alarm_in(item: Scored, stem: str) -> list[float]:
    counts = stem in item.stems and stem not in item.correction_db
    return [float(advised_gain(item, stem) != 0.0)] if counts else []


def _error_in(item: Scored, stem: str) -> list[float]:
    return [abs(advised_gain(item, stem) - item.correction_db[stem])] if stem in item.correction_db else []
