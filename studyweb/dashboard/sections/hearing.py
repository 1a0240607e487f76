"""What producers hear: how often the calculated advice wins against doing nothing, over the disturbance's size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studyweb.dashboard.figures.shapes import CurveFigure, CurveSeries
from studyweb.dashboard.model_curves import ModelCurve, model_curves
from studyweb.dashboard.pair_trials import PairTrial, ballots_of, check_trials, chosen
from studyweb.dashboard.sections.amounts import (
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
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.ballots import Ballots
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import estimate_preference
from studyweb.stats.psychometric import LAPSE, PsychometricCurve, fit_psychometric_curve

CHECK = "oracle_against_nothing"
LINE_POINTS = 41
NOTES = (
    "Size: the largest gain change that undoes the disturbance. No preference counts as half right.",
    f"Curve from chance, 50 %, to {100 * (1 - LAPSE):.0f} %, logistic in log dB (Wichmann & Hill 2001); intervals are "
    "clustered by participant, the threshold's by the delta method on log dB.",
    "Everybody who met such a check is counted, also those whom a rule on checks leaves out of the preference.",
)
MODEL_NOTE = (
    "Models are asked for more: a change counts as found when its stem is named in the right direction, which chance "
    "hardly does. Both thresholds lie half-way between chance and always. Scores are on songs made by the generator."
)


def hearing_sections(data: PairData) -> list[Section]:
    """The producers' psychometric curve, beside the models' where scores of the same weights are kept."""
    trials = [trial for trial in chosen(check_trials(data.study, CHECK)) if trial.facts is not None]
    disturbed = [trial for trial in trials if _size_db(trial) > 0.0]
    size_db = np.array([_size_db(trial) for trial in disturbed])
    ballots = ballots_of(disturbed)
    fit = fit_psychometric_curve(size_db, ballots.score, ballots.participant, level=data.level)
    bins = binned(size_db, ballots, level=data.level)
    clean = [trial for trial in trials if _size_db(trial) == 0.0]
    curves, missing = model_curves([data.first, data.second])
    return [
        Section(
            key="producers-hearing",
            title="What producers hear",
            sentence=_sentence(data, fit, ballots),
            header=("", "Right", level_name(data.level), "Answers"),
            rows=(*_threshold_rows(fit), *_bin_rows(bins), *_clean_row(data, clean), *_model_rows(curves)),
            figure=_figure(fit, bins, curves) if bins else None,
            notes=(*NOTES, *_fit_notes(fit), *([MODEL_NOTE] if curves else []), *missing),
            numbers=_numbers(fit, bins),
        )
    ]


def _size_db(trial: PairTrial) -> float:
    return trial.facts.largest_db if trial.facts else 0.0


def _sentence(data: PairData, fit: PsychometricCurve | NotFitted, ballots: Ballots) -> str:
    overall = estimate_preference(ballots, estimand="new_participants", level=data.level)
    checks = f"{counted(overall.n_answers, 'check')} by {counted(overall.n_participants, 'participant')}"
    if isinstance(fit, NotFitted):
        cannot = f"From how small a disturbance on producers hear it cannot be said: {fit.reason}."
        if overall.rate is None:
            return cannot
        span = in_brackets(data.level, rate_span(overall.interval), "; ".join(overall.notes))
        return (
            f"In {checks}, the calculated advice won against doing nothing in {percent(overall.rate)} {span}. {cannot}"
        )
    span = f"{number_span(fit.interval, 1)} dB" if fit.interval else ""
    return (
        f"In {checks}, the calculated advice won three times out of four against doing nothing from a disturbance of "
        f"{fit.threshold_db:.1f} dB on {in_brackets(data.level, span, '; '.join(fit.notes))}."
    )


def _threshold_rows(fit: PsychometricCurve | NotFitted) -> list[tuple[str, ...]]:
    if isinstance(fit, NotFitted):
        return []
    span = f"{number_span(fit.interval, 1)} dB" if fit.interval else "; ".join(fit.notes)
    return [("threshold, 75 % right", f"{fit.threshold_db:.1f} dB", span, str(fit.n_answers))]


def _bin_rows(bins: Bins) -> list[tuple[str, ...]]:
    return [rate_row(f"around {size:.1f} dB", estimate) for size, estimate in bins]


def _clean_row(data: PairData, clean: Sequence[PairTrial]) -> list[tuple[str, ...]]:
    if not clean:
        return []
    estimate = estimate_preference(ballots_of(clean), estimand="new_participants", level=data.level)
    return [rate_row("nothing disturbed, both say so: chance", estimate)]


def _model_rows(curves: Sequence[ModelCurve]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for curve in curves:
        value = "above 12 dB" if curve.threshold_db is None else f"{curve.threshold_db:.1f} dB"
        low, high = curve.interval_db or (None, None)
        span = "" if low is None else f"{low:.1f} to {high:.1f} dB" if high is not None else f"from {low:.1f} dB"
        rows.append((f"{curve.system.label}: half of all changes found", value, span, f"{curve.n_changes} changes"))
    return rows


def _figure(fit: PsychometricCurve | NotFitted, bins: Bins, curves: Sequence[ModelCurve]) -> CurveFigure:
    line: tuple[tuple[float, float], ...] = ()
    if isinstance(fit, PsychometricCurve):
        sizes = np.geomspace(fit.smallest_db, fit.largest_db, LINE_POINTS)
        line = tuple(zip(sizes.tolist(), fit.share(sizes).tolist(), strict=True))
    return CurveFigure(
        title="Disturbances heard, over their size",
        x_axis="Disturbance in dB",
        y_axis="Share right",
        series=(
            CurveSeries("Producers: calculated advice chosen", curve_points(bins), line),
            *(curve.series for curve in curves),
        ),
    )


def _fit_notes(fit: PsychometricCurve | NotFitted) -> list[str]:
    return [] if isinstance(fit, NotFitted) else [sentence(note) for note in fit.notes]


def _numbers(fit: PsychometricCurve | NotFitted, bins: Bins) -> dict[str, float]:
    counts = {"n_checks": float(sum(estimate.n_answers for _, estimate in bins))}
    if isinstance(fit, NotFitted):
        return counts
    return {**counts, **ends("threshold_db", fit.threshold_db, fit.interval), "slope": fit.slope}
