"""Is it the style: the preference rate between advices of equal length and equally many moves."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from studyweb.dashboard.advice_facts import ItemFacts
from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import ballots_of, chosen
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
from studyweb.dashboard.sections.points import interval_row, rate_line
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.clusters import FloatArray
from studyweb.stats.covariates import CovariateModel, fit_covariates
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import PreferenceEstimate, estimate_preference
from studyweb.stats.sandwich import ClusteredEffect

LENGTH, MOVES = "length", "moves"
EFFECTS = {LENGTH: ("twice as many words", math.log(2.0)), MOVES: ("one more stem moved", 1.0)}
METHOD = (
    "Logistic line, ties as half, in the logarithm of the ratio of words and the difference in stems moved; the "
    "controlled rate is where both are 0. Style control after Dubois et al. 2024 (Length-Controlled AlpacaEval) and "
    "Chatbot Arena's, with clustered intervals.",
    "Moves are part of what an advice says, so holding them equal may also hide what a better system does.",
)


def style_sections(data: PairData) -> list[Section]:
    """The style-controlled preference rate beside that of the same trials without control."""
    trials = chosen(data.kept)
    known = [(trial, trial.facts) for trial in trials if trial.facts is not None and trial.facts.lead_db is not None]
    ballots = ballots_of([trial for trial, _ in known])
    model = fit_covariates(ballots, _measures([facts for _, facts in known]), estimand=data.estimand, level=data.level)
    plain = estimate_preference(ballots, estimand=data.estimand, level=data.level)
    left_out = len(trials) - len(known)
    notes = [f"Left out, an advice cannot be read: {counted(left_out, 'trial')}."] if left_out else []
    return [_section(data, model, plain, notes)]


def _measures(facts: list[ItemFacts]) -> dict[str, FloatArray]:
    """First against second: log ratio of words, and difference in moves, [n] each."""
    words = [(max(each.first.words, 1), max(each.second.words, 1)) for each in facts]
    moves = [(each.first.moves or 0) - (each.second.moves or 0) for each in facts]
    return {
        LENGTH: np.array([math.log(first / second) for first, second in words]),
        MOVES: np.array(moves, dtype=np.float64),
    }


def _section(
    data: PairData,
    model: CovariateModel | NotFitted,
    plain: PreferenceEstimate,
    notes: list[str],
) -> Section:
    as_answered = rate_row("as answered", plain)
    key, title = "style-control", "Length and number of moves"
    header = ("", f"{data.first.label} preferred", level_name(data.level), "Answers")
    if isinstance(model, NotFitted):
        refused = f"A rate between advices of equal style cannot be given: {model.reason}."
        return Section(key, title, refused, header, (as_answered,), None, tuple(notes), ends("rate", plain.rate, None))
    n = str(model.n_answers)
    controlled = (
        "length and moves equal",
        percent(model.rate),
        rate_span(model.rate_interval) or model.intercept.note,
        n,
    )
    return Section(
        key=key,
        title=title,
        sentence=_sentence(data, model, plain),
        header=header,
        rows=(as_answered, controlled, *_effect_rows(model)),
        figure=_figure(data, model, plain),
        notes=(*notes, *(sentence(note) for note in model.notes), *_far_notes(model), *METHOD),
        numbers={
            **ends("rate", plain.rate, plain.interval),
            **ends("controlled_rate", model.rate, model.rate_interval),
            "n_answers": float(model.n_answers),
        },
    )


def _sentence(data: PairData, model: CovariateModel, plain: PreferenceEstimate) -> str:
    counts = basis(model.n_answers, model.n_participants, model.n_tracks)
    held = {LENGTH: "length", MOVES: "as many stems moved"}
    equal = " and ".join(held[name] for name in model.slopes)
    return (
        f"{'Indicative only: between' if model.label else 'Between'} advices equal in {equal}, {data.first.label} "
        f"would be preferred over {data.second.label} in {percent(model.rate)} "
        f"{in_brackets(data.level, rate_span(model.rate_interval), model.intercept.note)}; as answered it was "
        f"{percent(plain.rate or 0.0)}. {counts}."
    )


def _effect_rows(model: CovariateModel) -> list[tuple[str, ...]]:
    return [_effect_row(model, *EFFECTS[name], effect) for name, effect in model.slopes.items()]


def _effect_row(model: CovariateModel, what: str, step: float, effect: ClusteredEffect) -> tuple[str, ...]:
    interval, n = effect.interval, str(model.n_answers)
    odds = interval and replace(interval, low=math.exp(step * interval.low), high=math.exp(step * interval.high))
    return f"odds for {what}, times", f"{math.exp(step * effect.value):.2f}", number_span(odds) or effect.note, n


def _far_notes(model: CovariateModel) -> list[str]:
    return [f"One system always had more ({name}): the controlled rate is extrapolated." for name in model.beyond]


def _figure(data: PairData, model: CovariateModel, plain: PreferenceEstimate) -> IntervalFigure:
    controlled = interval_row(
        "length and moves equal", model.rate, model.rate_interval, n=model.n_answers, note=model.intercept.note
    )
    return IntervalFigure(
        title="With and without control for style",
        axis="Preference rate",
        left=data.second.label,
        right=data.first.label,
        rows=(rate_line("as answered", plain), controlled),
    )
