"""Pairs whose advice is the same as ties by rule: what the preference rate would be, beside what was answered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studyweb.dashboard.advice_facts import SAME_WITHIN_DB
from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import ballots_of, check_trials, chosen
from studyweb.dashboard.sections.amounts import counted, ends, in_brackets, level_name, percent, rate_row, rate_span
from studyweb.dashboard.sections.points import rate_line
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.ballots import Ballots
from studyweb.stats.preference import PreferenceEstimate, estimate_preference
from studyweb.studies.plan import IDENTICAL_GAINS


def same_advice_section(data: PairData) -> Section:
    """The preference rate as answered, with equal advice counted as ties, and without it."""
    trials = chosen(data.kept)
    ballots = ballots_of(trials)
    is_same = np.array([trial.facts is not None and trial.facts.is_same for trial in trials], dtype=np.bool_)
    by_rule = replace(ballots, score=np.where(is_same, 0.5, ballots.score))
    false, placebo = _false_preference(data)
    lines = [
        ("as answered", _rate(data, ballots)),
        (f"same advice within {SAME_WITHIN_DB:g} dB as a tie", _rate(data, by_rule)),
        ("without pairs of the same advice", _rate(data, ballots.subset(~is_same))),
    ]
    return Section(
        key="same-advice-as-ties",
        title="Pairs whose advice is the same",
        sentence=_same_sentence(data, ballots, is_same, lines),
        header=("", f"{data.first.label} preferred", level_name(data.level), "Answers"),
        rows=tuple(rate_row(label, estimate) for label, estimate in lines),
        figure=_same_figure(data, lines) if is_same.any() else None,
        notes=("A sensitivity analysis: stored choices are never replaced.", _ties_note(data), *placebo),
        numbers={
            "n_same": float(is_same.sum()),
            **ends("as_answered", lines[0][1].rate, lines[0][1].interval),
            **ends("same_as_ties", lines[1][1].rate, lines[1][1].interval),
            **false,
        },
    )


def _false_preference(data: PairData) -> tuple[dict[str, float], list[str]]:
    """How often one of two advices with identical gains was preferred, from the checks that ask it."""
    checks = ballots_of(check_trials(data.study, IDENTICAL_GAINS))
    if not checks.n_answers:
        return {}, []
    decided = replace(checks, score=(checks.score != 0.5).astype(np.float64))
    found = estimate_preference(decided, estimand="new_participants", level=data.level)
    span = in_brackets(data.level, rate_span(found.interval), "; ".join(found.notes))
    said = (
        f"In {counted(checks.n_answers, 'check')} with identical gains in two phrasings one was preferred in "
        f"{percent(found.rate or 0.0)} {span}: so often a preference is for wording, side or chance."
    )
    return ends("false_preference", found.rate, found.interval), [said]


def _rate(data: PairData, ballots: Ballots) -> PreferenceEstimate:
    """The preference rate with ties as the study file's plan has them."""
    if data.study.plan["analysis"]["ties"] == "excluded":
        ballots = ballots.subset(ballots.score != 0.5)
    return estimate_preference(ballots, estimand=data.estimand, level=data.level)


def _ties_note(data: PairData) -> str:
    is_out = data.study.plan["analysis"]["ties"] == "excluded"
    return "Ties are left out, as the study file says." if is_out else "Ties count as half."


def _same_sentence(
    data: PairData, ballots: Ballots, is_same: NDArray[np.bool_], lines: list[tuple[str, PreferenceEstimate]]
) -> str:
    what = f"the same gain changes within {SAME_WITHIN_DB:g} dB"
    if not ballots.n_answers:
        return f"Nobody has compared {data.first.label} with {data.second.label} yet."
    if not is_same.any():
        return f"In none of {counted(ballots.n_answers, 'trial')} did both advise {what}: the rule changes nothing."
    decided = int((ballots.score[is_same] != 0.5).sum())
    before, after = lines[0][1].rate, lines[1][1].rate
    changed = "" if before is None or after is None else f" from {percent(before)} to {percent(after)}"
    return (
        f"In {int(is_same.sum())} of {counted(ballots.n_answers, 'trial')} both advised {what}; one was "
        f"preferred all the same in {decided} of them. Counting these as ties moves the rate of "
        f"{data.first.label}{changed}."
    )


def _same_figure(data: PairData, lines: list[tuple[str, PreferenceEstimate]]) -> IntervalFigure:
    return IntervalFigure(
        title="With the same advice counted as a tie",
        axis="Preference rate",
        left=data.second.label,
        right=data.first.label,
        rows=tuple(rate_line(label, estimate) for label, estimate in lines),
    )
