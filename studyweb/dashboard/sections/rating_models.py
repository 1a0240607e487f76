"""Ratings as a mixed ordinal model: how far the odds of a higher rating go with the first system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import PairTrial
from studyweb.dashboard.sections.amounts import basis, ends, in_brackets, level_name
from studyweb.dashboard.sections.points import interval_row
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.cumulative_logit import RatingModel, fit_rating_model
from studyweb.stats.differences import PairedRatings
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted

ODDS_ARE_ENDLESS = 1000.0


def rating_models_section(
    data: PairData, rated: Mapping[str, tuple[str, PairedRatings]], trials: Sequence[PairTrial]
) -> Section:
    """The model of every criterion, {statement: (name, ratings)} with `trials` as rows; the sentence is the first's."""
    first_is_a = np.array([trial.first_is_a for trial in trials], dtype=np.bool_)
    models = {
        statement: fit_rating_model(ratings, first_is_a, level=data.level) for statement, (_, ratings) in rated.items()
    }
    fitted = {statement: model for statement, model in models.items() if isinstance(model, RatingModel)}
    return Section(
        key="rating-models",
        title="Ratings as an ordinal model",
        sentence=_model_sentence(data, models),
        header=(
            *("Criterion", f"Odds for {data.first.label}", level_name(data.level), "Odds for slot A"),
            *("SD of people", "SD of tracks", "Trials"),
        ),
        rows=tuple(_model_row(statement, model) for statement, model in models.items()),
        figure=IntervalFigure(
            title="Odds of a higher rating, for the typical producer and track",
            axis="Log-odds",
            left=data.second.label,
            right=data.first.label,
            rows=tuple(
                interval_row(statement, model.typical.value, model.typical.interval, n=model.n_trials)
                for statement, model in fitted.items()
            ),
            no_effect=0.0,
            lowest=-1.0,
            highest=1.0,
        )
        if fitted
        else None,
        notes=(
            "Cumulative logit of the difference of both ratings of a trial, cut points symmetric about none, people "
            "and tracks as crossed normal effects on the preference, by Laplace (as R's ordinal::clmm).",
            "It speaks of new people and tracks, whatever the estimand of the other intervals.",
            *dict.fromkeys(f"{statement}: {note}." for statement, model in fitted.items() for note in model.notes),
        ),
        numbers={
            name: value
            for statement, model in fitted.items()
            for name, value in ends(
                f"log_odds_{rated[statement][0]}", model.typical.value, model.typical.interval
            ).items()
        },
    )


def _model_sentence(data: PairData, models: Mapping[str, RatingModel | NotFitted]) -> str:
    statement, model = next(iter(models.items()))
    if isinstance(model, NotFitted):
        return f"The ordinal model of “{statement}” cannot be fitted: {model.reason}."
    span = in_brackets(data.level, _odds_span(model.odds_interval))
    people = basis(model.n_trials, model.n_participants, model.n_tracks)
    return (
        f"For the typical producer and track, the odds of a rating in favour of {data.first.label} over "
        f"{data.second.label} on “{statement}” are {_odds(model.odds)} times what they would be if neither were better "
        f"{span}: {people}."
    )


def _model_row(statement: str, model: RatingModel | NotFitted) -> tuple[str, ...]:
    if isinstance(model, NotFitted):
        return (statement, "", model.reason, "", "", "", "")
    return (
        statement,
        _odds(model.odds),
        _odds_span(model.odds_interval),
        "" if model.side is None else _odds(float(np.exp(model.side.value))),
        f"{model.participant_sd:.2f}",
        f"{model.track_sd:.2f}",
        str(model.n_trials),
    )


def _odds(odds: float) -> str:
    if odds > ODDS_ARE_ENDLESS:
        return f"over {ODDS_ARE_ENDLESS:.0f}"
    return f"{odds:.2f}" if odds >= 1 / ODDS_ARE_ENDLESS else f"under {1 / ODDS_ARE_ENDLESS:g}"


def _odds_span(interval: Interval) -> str:
    return f"{_odds(interval.low)} to {_odds(interval.high)}"
