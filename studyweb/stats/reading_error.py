"""How far a reader's gain changes are from those that people read in the same texts.

Every share is a ratio of sums with a variance by track, linearised as in Cochran, Sampling Techniques, 3rd ed., 6.3,
with the factor G/(G-1) of every clustered interval here.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from studyweb.stats.intervals import Interval, clopper_pearson, t_interval

Moves = Mapping[str, float]


@dataclass(frozen=True)
class CodedAdvice:
    """One advice as the program read it and as a person did: {stem: dB}, or None where it is not actionable."""

    track: int
    read: Moves | None
    coded: Moves | None


@dataclass(frozen=True)
class Share:
    """A ratio of sums, with its interval by track; `value` is None where there is nothing to divide by."""

    value: float | None
    count: float
    of: int
    interval: Interval | None
    note: str
    """Why there is no interval; empty when there is one."""


@dataclass(frozen=True)
class ReadingError:
    """A reader's errors on some coded advices."""

    n_advices: int
    n_tracks: int
    exact: Share
    """Of all advices: the same moves and the same sizes, or not actionable for both."""
    flipped: Share
    """Of the moves that people read: the reader has the other direction."""
    missed: Share
    """Of the moves that people read: the reader has none."""
    invented: Share
    """Of the moves that the reader has: people read none."""
    error_db: Share
    """Mean distance over moves that both have in the same direction, in dB."""


def reading_error(advices: Sequence[CodedAdvice], *, level: float = 0.95) -> ReadingError:
    """Errors of the reader, people's coding taken as what the texts say; never NaN, whatever is missing."""
    counts = [_counts(advice) for advice in advices]
    tracks = [advice.track for advice in advices]

    def share(over: str, under: str, *, is_rate: bool = True) -> Share:
        return _share([each[over] for each in counts], [each[under] for each in counts], tracks, is_rate, level)

    return ReadingError(
        n_advices=len(advices),
        n_tracks=len(set(tracks)),
        exact=share("exact", "advices"),
        flipped=share("flipped", "coded"),
        missed=share("missed", "coded"),
        invented=share("invented", "read"),
        error_db=share("distance_db", "same_way", is_rate=False),
    )


def _counts(advice: CodedAdvice) -> dict[str, float]:
    read, coded = _moves(advice.read), _moves(advice.coded)
    both = [(read[stem], coded[stem]) for stem in read.keys() & coded.keys()]
    same_way = [abs(one - other) for one, other in both if one * other > 0]
    return {
        "advices": 1,
        "exact": (advice.read is None) == (advice.coded is None) and read == coded,
        "read": len(read),
        "coded": len(coded),
        "flipped": len(both) - len(same_way),
        "missed": len(coded.keys() - read.keys()),
        "invented": len(read.keys() - coded.keys()),
        "same_way": len(same_way),
        "distance_db": sum(same_way),
    }


def _moves(changes: Moves | None) -> dict[str, float]:
    return {stem: gain_db for stem, gain_db in (changes or {}).items() if gain_db}


def _share(over: Sequence[float], under: Sequence[float], tracks: Sequence[int], is_rate: bool, level: float) -> Share:
    count, of = float(sum(over)), int(sum(under))
    if of == 0:
        return Share(None, count, of, None, "nothing to count")
    value = count / of
    groups = {track for track, n in zip(tracks, under, strict=True) if n}
    if len(groups) < 2:
        return Share(value, count, of, None, "one track: no interval")
    residual = np.asarray(over) - value * np.asarray(under)
    sums = np.array([residual[np.asarray(tracks) == track].sum() for track in groups])
    variance = len(groups) / (len(groups) - 1) * float(sums @ sums) / of**2
    make: Callable[..., Interval | None] = _of_rate if is_rate else _of_mean
    interval = make(value, variance, groups=len(groups), level=level)
    return Share(value, count, of, interval, "" if interval else "all tracks alike: no interval")


def _of_rate(rate: float, variance: float, *, groups: int, level: float) -> Interval | None:
    if rate in (0.0, 1.0):
        exact = clopper_pearson(groups if rate else 0, groups, level=level)
        return dataclasses.replace(exact, method=f"exact binomial on {groups} tracks")
    if variance <= 0.0:
        return None
    return t_interval(rate, variance, df=groups - 1, level=level, method="clustered by track")


def _of_mean(mean: float, variance: float, *, groups: int, level: float) -> Interval | None:
    if variance <= 0.0:
        return None
    reach = float(stats.t.ppf(0.5 + level / 2, groups - 1)) * math.sqrt(variance)
    method = f"clustered by track, t with {groups - 1} degrees of freedom"
    return Interval(max(0.0, mean - reach), mean + reach, level, method)
