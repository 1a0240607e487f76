"""What was said about each advice of a pair: ratings by criterion, and whether the change would be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studyweb.dashboard.pair_trials import FIRST, SECOND, PairTrial
from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import Estimand, FloatArray
from studyweb.stats.codes import KEEP, NO_PREFERENCE_REASONS, RATINGS, UnknownAnswerError
from studyweb.stats.differences import DifferenceEstimate, PairedRatings, estimate_difference
from studyweb.studies.models import Study
from studyweb.trials.criteria import CRITERIA

CANT_TELL = RATINGS[-1]


@dataclass(frozen=True)
class CriterionResult:
    """Ratings of one statement about both systems' advice."""

    name: str
    statement: str
    estimate: DifferenceEstimate


@dataclass(frozen=True)
class Counts:
    """How often each of a question's answers was given, for both systems of a pair; answers in the order asked."""

    first: Mapping[str, int]
    second: Mapping[str, int]


def criteria_results(
    study: Study, trials: Sequence[PairTrial], *, estimand: Estimand, level: float
) -> tuple[CriterionResult, ...]:
    """Every criterion of the study file that somebody rated, in the order asked."""
    criteria = CRITERIA[study.plan["design"]["criteria"]]
    results = []
    for criterion in (*criteria.read, *criteria.hear):
        rated = [trial for trial in trials if trial.about(FIRST, criterion.name) is not None]
        if rated:
            estimate = estimate_difference(paired_ratings(rated, criterion.name), estimand=estimand, level=level)
            results.append(CriterionResult(criterion.name, criterion.statement, estimate))
    return tuple(results)


def paired_ratings(rated: Sequence[PairTrial], criterion: str) -> PairedRatings:
    """Both systems' scale points of one criterion, a row for each trial; NaN where there is no number."""
    return PairedRatings(
        first=_points(rated, FIRST, criterion),
        second=_points(rated, SECOND, criterion),
        participant=dense_codes(np.asarray([str(trial.participant) for trial in rated])),
        track=dense_codes(np.asarray([trial.track for trial in rated])),
    )


def _points(rated: Sequence[PairTrial], which: str, criterion: str) -> FloatArray:
    """Scale points; NaN for "can't tell" and where the one question of a trial's two was not answered."""
    values = [trial.about(which, criterion) or CANT_TELL for trial in rated]
    unknown = set(values) - set(RATINGS)
    if unknown:
        raise UnknownAnswerError(f"unknown rating {sorted(unknown)[0]!r} of {criterion}")
    return np.array([np.nan if value == CANT_TELL else float(value) for value in values], dtype=np.float64)


def keep_counts(trials: Sequence[PairTrial]) -> Counts:
    """Would you keep this change: yes, partly, no, for both systems."""
    counted = {which: Counter(trial.about(which, "keep") for trial in trials) for which in (FIRST, SECOND)}
    return Counts(*({answer: counted[which][answer] for answer in KEEP} for which in (FIRST, SECOND)))


def tie_reasons(trials: Sequence[PairTrial]) -> dict[str, int]:
    """How often each reason was given for having no preference; not the reason of a choice that was corrected since."""
    ties = (trial.answers for trial in trials if trial.answers.get("final_choice") == "no_preference")
    counted = Counter(answers.get("no_preference_reason") for answers in ties)
    return {reason: counted[reason] for reason in NO_PREFERENCE_REASONS}
