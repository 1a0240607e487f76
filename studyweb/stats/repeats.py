"""Trials shown twice with sides swapped: how often a person said the same again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import Estimand
from studyweb.stats.preference import PreferenceEstimate, estimate_from_outcomes
from studyweb.stats.tally import Tally


@dataclass(frozen=True)
class Repeat:
    """One trial and its repeat: both final choices as preference for the pair's first system, -2..2."""

    before: int
    again: int
    participant: str
    track: str


@dataclass(frozen=True)
class RepeatReport:
    """What became of the choices. `same_side`, `reversed` and `moved` add up to `n_pairs`."""

    n_pairs: int
    same_side: int
    """The same system preferred, or no preference both times."""
    identical: int
    """Of these, as clearly as before."""
    reversed: int
    """The other system, which stood in the same slot as the one chosen before."""
    moved: int
    """To or from no preference."""
    consistency: PreferenceEstimate
    """The rate of `same_side` with its clustered interval."""
    by_chance: float | None
    """The rate that answers given independently, as often as these were, would reach."""


def report_repeats(repeats: Sequence[Repeat], *, estimand: Estimand, level: float) -> RepeatReport:
    """Counts, and the rate of the same side; without repeats the estimate says so."""
    before, again = (np.sign([getattr(each, when) for each in repeats]) for when in ("before", "again"))
    is_same = before == again
    people, tracks = (dense_codes(np.array([getattr(each, of) for each in repeats])) for of in ("participant", "track"))
    outcomes = Tally.of(is_same.astype(np.float64), people, tracks, np.ones(len(repeats), dtype=np.bool_))
    return RepeatReport(
        n_pairs=len(repeats),
        same_side=int(is_same.sum()),
        identical=sum(each.before == each.again for each in repeats),
        reversed=int((before * again < 0).sum()),
        moved=int(((before == 0) != (again == 0)).sum()),
        consistency=estimate_from_outcomes(outcomes.of_first_system, estimand=estimand, level=level),
        by_chance=sum(float((before == s).mean() * (again == s).mean()) for s in (-1, 0, 1)) if repeats else None,
    )
