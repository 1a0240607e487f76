"""Is the preference rate one half, but for a margin that was declared beforehand? Two one-sided tests.

Schuirmann 1987 (J. Pharmacokinet. Biopharm. 15(6)), each test by t with the rate's clustered variance: both reject at
alpha exactly when the 1 - 2 alpha interval lies inside the margin. A wide interval about one half is
unclear, not equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats

from studyweb.stats.clusters import SMALLEST
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import PreferenceEstimate


@dataclass(frozen=True)
class EquivalenceTest:
    """The two tests of one rate."""

    margin: float
    rate: float
    p_value: float
    """The larger of both tests'."""
    interval: Interval
    """At 1 - 2 alpha, alpha = 1 - level."""
    is_equivalent: bool
    """Whether both tests reject at 1 - level: the rate lies within the margin of one half."""


def equivalence_of(estimate: PreferenceEstimate, *, margin: float, level: float) -> EquivalenceTest | NotFitted:
    """Both tests of an estimate at 1 - level, or why there are none.

    Raises ValueError for a margin that does not lie between 0 and 1/2.
    """
    if not 0.0 < margin < 0.5:
        raise ValueError(f"the margin must lie between 0 and 0.5, not {margin}")
    if estimate.rate is None or estimate.variance is None or estimate.interval is None:
        return NotFitted("; ".join(estimate.notes))
    if estimate.variance.used <= SMALLEST:
        return NotFitted("all answers are alike: nothing to test with")
    error = math.sqrt(estimate.variance.used)
    clusters = estimate.n_participants
    if estimate.estimand == "new_participants_and_tracks":
        clusters = min(clusters, estimate.n_tracks)
    df = clusters - 1
    apart = margin - abs(estimate.rate - 0.5)
    p_value = float(stats.t.sf(apart / error, df))
    reach = float(stats.t.ppf(level, df)) * error
    method = f"two one-sided t tests with {df} degrees of freedom"
    return EquivalenceTest(
        margin=margin,
        rate=estimate.rate,
        p_value=p_value,
        interval=Interval(max(0.0, estimate.rate - reach), min(1.0, estimate.rate + reach), 2 * level - 1, method),
        is_equivalent=p_value < 1 - level,
    )
