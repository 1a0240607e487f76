"""Beside the primary result: the side-randomisation test, the crossed mixed logit, and effect sizes."""

from __future__ import annotations

import math
from collections.abc import Callable

from studyweb.dashboard.sections.amounts import ends, in_brackets, level_name, number_span, percent, rate_span, sentence
from studyweb.dashboard.sections.primary import planned_ballots, ties_in_words
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.dashboard.side_draws import session_sides
from studyweb.stats.mixed_logit import MixedLogit, fit_mixed_logit
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import PreferenceEstimate, estimate_preference
from studyweb.stats.randomisation import RandomisationTest, StoredDrawError, randomisation_test


def model_sections(data: PairData, model: MixedLogit | NotFitted) -> list[Section]:
    """The test, the model, and the same preference on other scales."""
    return [_randomisation(data), _mixed(data, model), _effects(data, model)]


def decided_model(data: PairData) -> MixedLogit | NotFitted:
    """The mixed logit of decided answers; fitted once for all sections of a pair."""
    return fit_mixed_logit(planned_ballots(data), level=data.level)


def _randomisation(data: PairData) -> Section:
    found = _replayed(data)
    title = "Sides drawn again"
    if isinstance(found, NotFitted):
        return Section("randomisation", title, f"The sides were not drawn again: {found.reason}.", (), ())
    alone = found.p_value > 1 - data.level
    verdict = "sides alone make such rates often enough" if alone else "sides alone hardly make such a rate"
    return Section(
        key="randomisation",
        title=title,
        sentence=(
            f"Had it made no difference which advice stood where, other draws of the sides would have given a rate as "
            f"far from one half as {percent(found.rate)} with p = {found.p_value:.4f}: {verdict}."
        ),
        header=("Rate, ties as half", "Spread by the draw alone", "p", "Draws", "Answers", "Participants"),
        rows=(
            (
                *(percent(found.rate), f"{100 * found.expected_spread:.1f} points", f"{found.p_value:.4f}"),
                *(str(found.draws), str(found.n_answers), str(found.n_participants)),
            ),
        ),
        notes=(
            f"Null: {found.null}. The stored blocks were drawn again with a fixed seed.",
            "Exact whatever people, tracks and places on the page do, but without an interval, and silent about other "
            "tracks: it stands beside the rate, never instead of it.",
        ),
        numbers={"randomisation_p": found.p_value},
    )


def _replayed(data: PairData) -> RandomisationTest | NotFitted:
    excluded = {trial.participant for trial in data.trials if trial.is_excluded}
    try:
        return randomisation_test(session_sides(data.study, data.first, data.second, excluded=excluded))
    except StoredDrawError as error:
        return NotFitted(f"the stored sides do not fit the stored blocks ({error})")


def _mixed(data: PairData, model: MixedLogit | NotFitted) -> Section:
    title = "Mixed logit"
    if isinstance(model, NotFitted):
        return Section("mixed-logit", title, f"The mixed logit was not fitted: {model.reason}.", (), ())
    log_odds = model.typical.interval
    rows = [
        ("rate over new participants and tracks", percent(model.average_rate), rate_span(model.average_interval)),
        ("log-odds, typical participant and track", f"{model.typical.value:.2f}", number_span(log_odds)),
        ("where a new track's rate would lie", "", rate_span(model.new_track_interval)),
        ("standard deviation of participants, logit", f"{model.participant_sd:.2f}", ""),
        ("standard deviation of tracks, logit", f"{model.track_sd:.2f}", ""),
        ("share of variance: participants", percent(model.participant_share), ""),
        ("share of variance: tracks", percent(model.track_share), ""),
        ("tracks on which the first is ahead (shrunken)", percent(model.share_of_tracks_above_half), ""),
    ]
    if model.side:
        rows.insert(2, ("log-odds that slot A adds", f"{model.side.value:.2f}", number_span(model.side.interval)))
    return Section(
        key="mixed-logit",
        title=title,
        sentence=(
            f"With participants and tracks that differ, a model puts {data.first.label} among decided answers "
            f"at {percent(model.average_rate)} {in_brackets(data.level, rate_span(model.average_interval))}; on a new "
            f"track it would lie between {percent(model.new_track_interval.low)} and "
            f"{percent(model.new_track_interval.high)}."
        ),
        header=("", "Estimate", level_name(data.level)),
        rows=tuple(rows),
        notes=(
            f"{model.n_answers} decided answers, {model.n_participants} participants, {model.n_tracks} tracks; "
            f"{model.n_ties} ties left out. Fitted by Laplace, as lme4::glmer does with nAGQ = 1; "
            f"log-likelihood {model.log_likelihood:.3f}.",
            *(sentence(note) for note in model.notes),
        ),
        numbers={
            **ends("mixed_rate", model.average_rate, model.average_interval),
            "mixed.intercept": model.typical.value,
            "mixed.participant_sd": model.participant_sd,
            "mixed.track_sd": model.track_sd,
            **({"mixed.side": model.side.value} if model.side else {}),
        },
    )


def _effects(data: PairData, model: MixedLogit | NotFitted) -> Section:
    estimate = estimate_preference(planned_ballots(data), estimand=data.estimand, level=data.level)
    title = "Effect sizes"
    if estimate.rate is None:
        return Section("effect-sizes", title, "No effect size: no answers yet.", (), ())
    net = 2 * estimate.rate - 1
    more = f"{abs(100 * net):.0f} {'more' if net >= 0 else 'fewer'}"
    rows = [
        ("net preference (rate minus its rest)", f"{net:+.2f}", _mapped(estimate, lambda rate: 2 * rate - 1)),
        ("odds of preference", _in_words(_odds(estimate.rate)), _mapped(estimate, _odds)),
        ("Cohen's h against one half", f"{_cohen(estimate.rate):+.2f}", _mapped(estimate, _cohen)),
    ]
    if isinstance(model, MixedLogit):
        low, high = (math.exp(end) for end in (model.typical.interval.low, model.typical.interval.high))
        conditional = ("odds, typical participant and track", f"{math.exp(model.typical.value):.2f}")
        rows.append((*conditional, f"{low:.2f} to {high:.2f}"))
    return Section(
        key="effect-sizes",
        title=title,
        sentence=f"Of 100 choices {data.first.label} wins {more} than it loses, {ties_in_words(data)}.",
        header=("", "Estimate", level_name(data.level)),
        rows=tuple(rows),
        notes=("h = 2 asin(sqrt(rate)) - pi/2. Ends are those of the rate's interval, on the other scale.",),
        numbers={"net_preference": net},
    )


def _mapped(estimate: PreferenceEstimate, scale: Callable[[float], float]) -> str:
    interval = estimate.interval
    if interval is None:
        return ""
    return f"{_in_words(scale(interval.low))} to {_in_words(scale(interval.high))}"


def _cohen(rate: float) -> float:
    return 2 * math.asin(math.sqrt(rate)) - math.pi / 2


def _odds(rate: float) -> float:
    return rate / (1 - rate) if rate < 1 else math.inf


def _in_words(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "no upper end"
