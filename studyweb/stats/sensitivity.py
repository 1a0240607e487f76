"""The primary result without some of its answers: without people who failed a check, without ties, the first half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import Estimand
from studyweb.stats.preference import PreferenceEstimate, estimate_preference


@dataclass(frozen=True)
class Sensitivity:
    """One line of the table: what was left out, and what the rate is then."""

    left_out: str
    n_left_out: int
    estimate: PreferenceEstimate
    change: float | None
    """The rate minus that of all answers; None where either has no answers."""


def estimate_without(
    ballots: Ballots,
    left_out: Mapping[str, NDArray[np.bool_]],
    *,
    estimand: Estimand = "new_participants_and_tracks",
    level: float = 0.95,
) -> tuple[Sensitivity, ...]:
    """The preference rate of all answers, then once without each set of rows {label: [n]}.

    Raises ValueError where a set of rows has another length than the ballots.
    """
    everything = estimate_preference(ballots, estimand=estimand, level=level)
    lines = [Sensitivity("nothing", 0, everything, 0.0 if ballots.n_answers else None)]
    for label, rows in left_out.items():
        if rows.shape != (ballots.n_answers,):
            raise ValueError(f"{label}: {rows.size} rows for {ballots.n_answers} answers")
        estimate = estimate_preference(ballots.subset(~rows), estimand=estimand, level=level)
        change = None if estimate.rate is None or everything.rate is None else estimate.rate - everything.rate
        lines.append(Sensitivity(label, int(rows.sum()), estimate, change))
    return tuple(lines)
