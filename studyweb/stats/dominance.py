"""How often the first system was rated higher than the second: no assumption that scale points are equally far apart.

P(first higher) + P(equal) / 2 over the trials in which both got a number: the ordinal dominance of Cliff 1993 (Psychol.
Bull. 114(3)), whose delta is twice that minus one, here within trials and with the two-way interval of choices.
"""

from __future__ import annotations

import numpy as np

from studyweb.stats.ballots import closed_up
from studyweb.stats.clusters import Estimand
from studyweb.stats.differences import PairedRatings
from studyweb.stats.preference import PreferenceEstimate, estimate_from_outcomes
from studyweb.stats.tally import Tally


def estimate_dominance(
    ratings: PairedRatings, *, estimand: Estimand = "new_participants_and_tracks", level: float = 0.95
) -> PreferenceEstimate:
    """The rate at which the first system was rated higher, equal ratings as half; never NaN, its notes say why not."""
    within = ratings.first - ratings.second
    has_both = ~np.isnan(within)
    score = 0.5 + 0.5 * np.sign(within[has_both])
    people, tracks = closed_up(ratings.participant[has_both]), closed_up(ratings.track[has_both])
    outcomes = Tally.of(score, people, tracks, np.ones(score.size, dtype=np.bool_)).of_first_system
    return estimate_from_outcomes(outcomes, estimand=estimand, level=level)
