"""Looking at a study while it is still filling up: one number per completed participant, in the order they completed.

Every method here speaks about new participants on the study's own tracks, and about nothing else: looking at more
people adds no tracks, and with tracks as a sample every participant-level rule rejects a true null far too often.
Single answers are no unit here: the answers of one person are not independent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy import stats

from studyweb.stats.anytime import betting_interval, log_e_values, sequence_half_widths
from studyweb.stats.clusters import Estimand, FloatArray
from studyweb.stats.intervals import Interval
from studyweb.stats.spending import Shape, spending_bounds

Method = Literal["confidence_sequence", "e_process", "obrien_fleming", "pocock"]
METHODS: tuple[str, ...] = get_args(Method)
NO_LOOKS = "none"
"""In a study file: nobody looks before the end."""

FIRST_LOOK = 10
"""Participants before the first look; sooner an asymptotic bound means little, and any look shows single people."""
SMALLEST_SPREAD = 1e-12
"""Means nearer to each other than this are alike; what is left is rounding."""


class PeekRefusedError(ValueError):
    """A look that no valid statement can be made of; the reason is the message."""


@dataclass(frozen=True)
class Look:
    """What may be said at one look. Only ever about the study's own tracks and new participants."""

    method: Method
    estimand: Estimand
    n_participants: int
    planned_participants: int
    mean: float
    """Mean over participants of each one's mean score, ties as half."""
    interval: Interval
    """Holds at this and every other look at once, with the stated level."""
    e_value: float | None
    """Evidence against one half, for the e-process: at least 1 / (1 - level) decides."""
    z: float | None
    """For planned looks: the normal deviate of the t test on participant means, and its bound at this look."""
    z_bound: float | None
    notes: tuple[str, ...]

    @property
    def decides(self) -> bool:
        """Whether the study may stop here: the interval leaves out one half."""
        return not self.interval.low <= 0.5 <= self.interval.high


def why_no_peek(method: str, *, estimand: str, participants: int = FIRST_LOOK) -> str:
    """Why a look would not be valid, and what would be; empty when it is."""
    if method == NO_LOOKS:
        return "the study file declares no sequential method (analysis.sequential), so looking early is not valid"
    if method not in METHODS:
        return f"unknown sequential method {method!r}; expected one of {', '.join(METHODS)}"
    if estimand != "new_participants":
        return (
            "looking early is valid for the estimand new_participants only: more participants add no tracks, so a "
            "statement about other tracks can be made once, at the declared end"
        )
    if participants < FIRST_LOOK:
        return f"{participants} participants have completed; the first look is possible after {FIRST_LOOK}"
    return ""


def take_look(
    means: Sequence[float] | FloatArray,
    *,
    method: Method,
    estimand: Estimand,
    planned_participants: int,
    level: float = 0.95,
    earlier_looks: Sequence[int] = (),
) -> Look:
    """The state of a study after the participants so far.

    means: [n] one mean score in [0, 1] per completed participant, in the order of completion. earlier_looks: numbers of
    participants at the looks before this one; the planned-looks methods spend their error over them. Raises
    PeekRefusedError with the reason for a look that is not valid, ValueError for means or a level that cannot be.
    """
    values = np.asarray(means, dtype=np.float64)
    if (
        values.ndim != 1
        or not np.isfinite(values).all()
        or (values.size and not 0 <= values.min() <= values.max() <= 1)
    ):
        raise ValueError("looks need one mean score between 0 and 1 per participant")
    if not 0.5 <= level < 1.0:
        raise ValueError(f"the level must lie between 1/2 and 1, not {level}")
    if reason := why_no_peek(method, estimand=estimand, participants=values.size):
        raise PeekRefusedError(reason)
    if method == "confidence_sequence":
        return _sequence_look(values, planned_participants, estimand, level)
    if method == "e_process":
        return _betting_look(values, planned_participants, estimand, level)
    return _planned_look(values, planned_participants, estimand, level, method, earlier_looks)


def _sequence_look(values: FloatArray, planned: int, estimand: Estimand, level: float) -> Look:
    half_width = float(sequence_half_widths(values, alpha=1 - level, tightest_at=tuned_at(planned))[-1])
    interval = _around(values, half_width, level, "asymptotic confidence sequence on participant means")
    notes = _notes(values.size, planned)
    return _look("confidence_sequence", values, planned, estimand, interval, notes)


def tuned_at(planned_participants: int) -> int:
    """The number of participants at which the confidence sequence is tightest: half of those planned."""
    return max(FIRST_LOOK, planned_participants // 2)


def _betting_look(values: FloatArray, planned: int, estimand: Estimand, level: float) -> Look:
    low, high = betting_interval(values, alpha=1 - level)
    interval = Interval(low, high, level, "betting confidence sequence on participant means")
    e_value = math.exp(min(700.0, float(log_e_values(values, mean=0.5, alpha=1 - level)[-1])))
    return _look("e_process", values, planned, estimand, interval, _notes(values.size, planned), e_value=e_value)


def _planned_look(
    values: FloatArray, planned: int, estimand: Estimand, level: float, shape: Shape, earlier: Sequence[int]
) -> Look:
    """The bound is applied to the p value of the t test, so that it also holds with few participants."""
    n = values.size
    z_bound = planned_bounds((*earlier, n), planned=planned, alpha=1 - level, shape=shape)[n]
    method = f"{shape.replace('_', '-')} spending over planned looks"
    notes = _notes(n, planned)
    if float(np.ptp(values)) < SMALLEST_SPREAD:
        everything = Interval(0.0, 1.0, level, method)
        notes = (*notes, "all participants are alike: no statement yet")
        return _look(shape, values, planned, estimand, everything, notes, z_bound=z_bound)
    standard_error = float(values.std(ddof=1)) / math.sqrt(n)
    half_width = float(stats.t.isf(stats.norm.sf(z_bound), n - 1)) * standard_error
    z = _deviate((float(values.mean()) - 0.5) / standard_error, n - 1)
    interval = _around(values, half_width, level, method)
    return _look(shape, values, planned, estimand, interval, notes, z=z, z_bound=z_bound)


def planned_bounds(looks: Sequence[int], *, planned: int, alpha: float, shape: Shape) -> dict[int, float]:
    """{participants: z bound} of looks at these numbers; a look repeated at the same number costs nothing.

    The first look at or beyond the planned number spends all that is left; PeekRefusedError for any further one.
    """
    distinct = sorted(set(looks))
    late = [n for n in distinct if n >= planned]
    if len(late) > 1:
        raise PeekRefusedError(
            f"all error was spent at the look with {late[0]} of {planned} planned participants; "
            "another look is not valid"
        )
    bounds = spending_bounds([min(1.0, n / planned) for n in distinct], alpha=alpha, shape=shape)
    return dict(zip(distinct, bounds, strict=True))


def _deviate(t: float, df: int) -> float:
    return float(np.sign(t) * stats.norm.isf(stats.t.sf(abs(t), df)))


def _around(values: FloatArray, half_width: float, level: float, method: str) -> Interval:
    mean = float(values.mean())
    return Interval(max(0.0, mean - half_width), min(1.0, mean + half_width), level, method)


def _notes(n: int, planned: int) -> tuple[str, ...]:
    notes = ["one number per participant; these tracks, new participants"]
    if n > planned:
        notes.append(f"{n} participants, {planned} were planned")
    return tuple(notes)


def _look(
    method: Method,
    values: FloatArray,
    planned: int,
    estimand: Estimand,
    interval: Interval,
    notes: tuple[str, ...],
    *,
    e_value: float | None = None,
    z: float | None = None,
    z_bound: float | None = None,
) -> Look:
    n, mean = values.size, float(values.mean())
    return Look(method, estimand, n, planned, mean, interval, e_value, z, z_bound, notes)
