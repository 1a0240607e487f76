"""Do producers pay for accuracy: the preference over how much less imbalance one advice leaves than the other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import expit

from studyweb.dashboard.figures.shapes import CurveFigure, CurveSeries
from studyweb.dashboard.pair_trials import PairTrial, ballots_of, chosen
from studyweb.dashboard.sections.amounts import (
    basis,
    counted,
    ends,
    in_brackets,
    level_name,
    number_span,
    percent,
    rate_row,
    rate_span,
    sentence,
)
from studyweb.dashboard.sections.points import Bins, binned, curve_points
from studyweb.dashboard.sections.same_advice import same_advice_section
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.ballots import Ballots
from studyweb.stats.covariates import CovariateModel, even_point, fit_covariates
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted

LEAD = "dB less imbalance left"
LINE_POINTS = 41
THREE_OF_FOUR = math.log(3.0)
"""Log-odds of 75 %."""
NOTES = (
    "Imbalance left: RMS over the audible stems of disturbance plus advised change, after their mean is taken off.",
    "Ties count as half. It describes and proves no cause: nobody drew at random how accurate an advice was.",
    "The intervals of the points are for these tracks, clustered by participant.",
)


def imbalance_sections(data: PairData) -> list[Section]:
    """How preference goes with accuracy, and the preference rate with equal advice as ties."""
    return [_accuracy(data), same_advice_section(data)]


def _accuracy(data: PairData) -> Section:
    trials = chosen(data.kept)
    known = [trial for trial in trials if _lead_db(trial) is not None]
    ballots, lead_db = ballots_of(known), np.array([_lead_db(trial) or 0.0 for trial in known])
    model = fit_covariates(ballots, {LEAD: lead_db}, estimand=data.estimand, level=data.level)
    bins = binned(lead_db, ballots, level=data.level)
    left_out = len(trials) - len(known)
    section = Section(
        key="preference-over-accuracy",
        title="Preference and accuracy",
        sentence=_sentence(data, model),
        header=("", "Estimate", level_name(data.level), "Answers"),
        rows=tuple(_bin_rows(data, bins)),
        notes=(
            *([f"Left out, an advice cannot be followed: {counted(left_out, 'trial')}."] if left_out else []),
            *NOTES,
        ),
    )
    if isinstance(model, NotFitted):
        return section
    return replace(
        section,
        rows=(*_model_rows(data, model, ballots), *section.rows),
        figure=_figure(data, model, bins),
        notes=(*section.notes, *_method(model)),
        numbers=_numbers(model),
    )


def _lead_db(trial: PairTrial) -> float | None:
    return None if trial.facts is None else trial.facts.lead_db


def _sentence(data: PairData, model: CovariateModel | NotFitted) -> str:
    if isinstance(model, NotFitted):
        return f"Whether producers pay for accuracy cannot be said: {model.reason}."
    slope = model.slopes[LEAD]
    span = number_span(_exponential(slope.interval))
    was = "would, by extrapolation, be" if model.beyond else "was"
    return (
        f"{'Indicative only: over' if model.label else 'Over'} "
        f"{basis(model.n_answers, model.n_participants, model.n_tracks)}, each dB less imbalance left multiplied the "
        f"odds of being preferred by {math.exp(slope.value):.2f} {in_brackets(data.level, span, slope.note)}. "
        f"{_verdict(slope.interval)} Where both left the same, {data.first.label} {was} preferred in "
        f"{percent(model.rate)} {in_brackets(data.level, rate_span(model.rate_interval), model.intercept.note)}."
    )


def _verdict(interval: Interval | None) -> str:
    if interval is None or interval.low <= 0.0 <= interval.high:
        return "Whether producers pay for accuracy stays open."
    return "Producers paid for accuracy." if interval.low > 0.0 else "The less accurate advice was preferred."


def _model_rows(data: PairData, model: CovariateModel, ballots: Ballots) -> list[tuple[str, ...]]:
    slope, first, n = model.slopes[LEAD], data.first.label, str(model.n_answers)
    equal = rate_span(model.rate_interval) or model.intercept.note
    odds = number_span(_exponential(slope.interval)) or slope.note
    rows: list[tuple[str, ...]] = [
        (f"{first} preferred where both leave the same", percent(model.rate), equal, n),
        ("odds for each dB less imbalance left, times", f"{math.exp(slope.value):.2f}", odds, n),
    ]
    if slope.interval is not None and slope.interval.low > 0.0:
        low, high = THREE_OF_FOUR / slope.interval.high, THREE_OF_FOUR / slope.interval.low
        label = "less imbalance left that wins three of four choices, all else alike"
        rows.append((label, f"{THREE_OF_FOUR / slope.value:.1f} dB", f"{low:.1f} to {high:.1f} dB", n))
    even = even_point(model, ballots, level=data.level)
    if even is not None:
        label = f"less imbalance that {first} must leave to be preferred as often as {data.second.label}"
        rows.append((label, f"{even.value:+.1f} dB", number_span(even.interval, 1) or even.note, n))
    return rows


def _bin_rows(data: PairData, bins: Bins) -> list[tuple[str, ...]]:
    return [
        rate_row(f"{data.first.label} more accurate by about {round(lead, 1) + 0.0:+.1f} dB", estimate)
        for lead, estimate in bins
    ]


def _figure(data: PairData, model: CovariateModel, bins: Bins) -> CurveFigure:
    x = np.linspace(bins[0][0], bins[-1][0], LINE_POINTS)
    y = expit(model.fit.parameters[0] + model.fit.parameters[1] * x)
    line = tuple(zip(x.tolist(), y.tolist(), strict=True))
    return CurveFigure(
        title="Preference over the difference in accuracy",
        x_axis=f"dB less imbalance left by {data.first.label} than by {data.second.label}",
        y_axis=f"{data.first.label} preferred",
        series=(CurveSeries("answers", curve_points(bins), line),),
    )


def _method(model: CovariateModel) -> list[str]:
    interval = model.intercept.interval
    how = f", {interval.method}" if interval else ""
    return [*(sentence(note) for note in model.notes), f"Logistic line{how}; where it is even by Fieller's interval."]


def _numbers(model: CovariateModel) -> dict[str, float]:
    slope = model.slopes[LEAD]
    rate = ends("rate_at_equal_accuracy", model.rate, model.rate_interval)
    return {**ends("log_odds_per_db", slope.value, slope.interval), **rate, "n_answers": float(model.n_answers)}


def _exponential(interval: Interval | None) -> Interval | None:
    return interval and replace(interval, low=math.exp(interval.low), high=math.exp(interval.high))
