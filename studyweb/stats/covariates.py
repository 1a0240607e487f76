"""What goes with a preference: the preference for the first system as a straight line in measures of the two advices.

Logistic, with ties as half (quasi-likelihood, paired_fit.py), and clustered intervals by the answers' influence
(sandwich.py): R's glm with sandwich::vcovCL(type = "HC0", cadjust = TRUE) but for the guard. Such a line describes;
nobody drew the measures at random. Where .95 was meant, a slope's interval covered .940 to .958, the intercept's beside
two measures .930 to .958, and Fieller's where preferences are even .936 to .961 (24 people on 12 tracks to 40 on 40,
participants' and tracks' SDs .5 or .8 and .3, 400 runs a case).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats
from scipy.special import expit

from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import Estimand, FloatArray
from studyweb.stats.intervals import Interval
from studyweb.stats.joint import two_way_covariance
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_fit import PairedFit, fit_paired
from studyweb.stats.preference import INDICATIVE_BELOW
from studyweb.stats.sandwich import ClusteredEffect, clustered_effect
from studyweb.stats.zero_of_a_line import FLAT, where_line_is


@dataclass(frozen=True)
class CovariateModel:
    """A fitted line; effects in log-odds."""

    estimand: Estimand
    intercept: ClusteredEffect
    """Where every measure is 0: two advices that are alike in them."""
    slopes: Mapping[str, ClusteredEffect]
    fit: PairedFit
    n_answers: int
    n_participants: int
    n_tracks: int
    beyond: tuple[str, ...]
    """Measures of which one system always had more: there the rate at 0 is extrapolated."""
    label: str
    """Empty, or `indicative` (few participants or tracks)."""
    notes: tuple[str, ...]

    @property
    def rate(self) -> float:
        """The preference rate where every measure is 0."""
        return float(expit(self.intercept.value))

    @property
    def rate_interval(self) -> Interval | None:
        """Of that rate."""
        interval = self.intercept.interval
        return interval and replace(interval, low=float(expit(interval.low)), high=float(expit(interval.high)))


def fit_covariates(
    ballots: Ballots,
    measures: Mapping[str, FloatArray],
    *,
    estimand: Estimand = "new_participants_and_tracks",
    level: float = 0.95,
) -> CovariateModel | NotFitted:
    """The line through the answers over measures {name: [n]}, or the reason why there is none.

    A measure that is always the same or follows from the earlier ones is left out, and `notes` says so.
    """
    if ballots.n_answers == 0:
        return NotFitted("no answers")
    kept, notes = _independent(measures, ballots.n_answers)
    if not kept:
        return NotFitted("; ".join(notes))
    design = np.column_stack([np.ones(ballots.n_answers), *(measures[name] for name in kept)])
    fit = fit_paired(design, ballots.score, ties="half")
    if isinstance(fit, NotFitted):
        return fit
    beyond = tuple(name for name in kept if measures[name].min() > 0.0 or measures[name].max() < 0.0)
    model = _model(fit, ballots, kept, estimand=estimand, level=level)
    return replace(model, beyond=beyond, notes=(*notes, *model.notes))


def _independent(measures: Mapping[str, FloatArray], n_answers: int) -> tuple[list[str], list[str]]:
    """Names of the measures that say something of their own, and why others are left out."""
    kept: list[str] = []
    notes: list[str] = []
    columns = [np.ones(n_answers)]
    for name, values in measures.items():
        is_fixed = float(np.ptp(values)) == 0.0
        scaled = values if is_fixed else (values - values.mean()) / values.std()
        if is_fixed:
            notes.append(f"{name}: the same in every trial")
        elif np.linalg.matrix_rank(np.column_stack([*columns, scaled])) <= len(columns):
            notes.append(f"{name}: follows from {' and '.join(kept)}, not told apart")
        else:
            kept.append(name)
            columns.append(scaled)
    return kept, notes


def _model(fit: PairedFit, ballots: Ballots, names: list[str], *, estimand: Estimand, level: float) -> CovariateModel:
    people, tracks = ballots.participant, ballots.track
    intercept, *slopes = (
        clustered_effect(float(value), pull, participant=people, track=tracks, estimand=estimand, level=level)
        for value, pull in zip(fit.parameters, fit.influence.T, strict=True)
    )
    n_people, n_tracks = int(people.max()) + 1, int(tracks.max()) + 1
    return CovariateModel(
        estimand=estimand,
        intercept=intercept,
        slopes=dict(zip(names, slopes, strict=True)),
        fit=fit,
        n_answers=ballots.n_answers,
        n_participants=n_people,
        n_tracks=n_tracks,
        beyond=(),
        label="indicative" if min(n_people, n_tracks) < INDICATIVE_BELOW else "",
        notes=(intercept.note,) if intercept.note else (),
    )


@dataclass(frozen=True)
class EvenPoint:
    """Where preferences are even: how much of the measure outweighs all else that speaks for one system."""

    value: float
    interval: Interval | None
    note: str
    """Why there is no interval; empty when there is one."""


def even_point(model: CovariateModel, ballots: Ballots, *, level: float) -> EvenPoint | None:
    """The measure at which a model of one measure gives one half; None where its line is flat."""
    if model.fit.parameters.size != 2 or model.fit.parameters[1] == 0.0:
        return None
    people, tracks = ballots.participant, ballots.track
    covariance = two_way_covariance(model.fit.influence, participant=people, track=tracks, estimand=model.estimand)
    only_people = model.estimand == "new_participants"
    clusters = model.n_participants if only_people else min(model.n_participants, model.n_tracks)
    if clusters < 2:
        return EvenPoint(-model.fit.parameters[0] / model.fit.parameters[1], None, model.intercept.note)
    quantile = float(stats.t.ppf(0.5 + level / 2, clusters - 1))
    value, interval = where_line_is(0.0, model.fit.parameters, covariance, quantile=quantile, level=level)
    return EvenPoint(value, interval, "" if interval else FLAT)
