"""How far people agree with each other and with themselves: agreement on the same advices, raters, repeats."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from studyweb.dashboard.figures.shapes import IntervalFigure, IntervalRow
from studyweb.dashboard.pair_trials import FIRST, SECOND, PairTrial, chosen, repeat_trials
from studyweb.dashboard.sections.amounts import counted, ends, in_brackets, level_name, number_span, percent, rate_span
from studyweb.dashboard.sections.points import interval_row
from studyweb.dashboard.sections.raters import raters_section
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.agreement import Agreed, AgreementReport, Coefficient, Judgements, report_agreement
from studyweb.stats.ballots import dense_codes
from studyweb.stats.codes import KEEP, RATINGS
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.repeats import Repeat, RepeatReport, report_repeats
from studyweb.trials.criteria import CRITERIA

POINTS = RATINGS[:-1]
Judged = tuple[PairTrial, int, int]
"""A trial, the answer's place among those offered, and which of the item's units it is about."""


@dataclass(frozen=True)
class Question:
    """What was asked of several people about the same thing."""

    key: str
    label: str
    answers: list[Judged]
    n_categories: int
    alpha: Coefficient
    """The alpha that fits the answers: ordered or not."""
    has_ac1: bool
    """AC1 knows no order: it is left out where there are many ordered answers."""


def agreement_sections(data: PairData) -> list[Section]:
    """Agreement between people, every rater, and agreement with oneself where the study repeats trials."""
    return [_between_people(data), raters_section(data), *_with_oneself(data)]


def _questions(data: PairData) -> Iterator[Question]:
    trials = chosen(data.kept)
    choices = [(trial, trial.preference("final_choice") or 0) for trial in trials]
    sides = [(trial, int(np.sign(choice)) + 1, 0) for trial, choice in choices]
    yield Question("choice", "Final choice: which advice", sides, 3, "alpha_nominal", has_ac1=True)
    steps = [(trial, choice + 2, 0) for trial, choice in choices]
    yield Question("choice_ordered", "Final choice: five answers in order", steps, 5, "alpha_ordinal", has_ac1=False)
    asked = CRITERIA[data.study.plan["design"]["criteria"]]
    for each in (*asked.read, *asked.hear):
        rated = _about_both(data.kept, each.name, POINTS)
        yield Question(each.name, each.statement, rated, len(POINTS), "alpha_ordinal", has_ac1=False)
    kept = _about_both(data.kept, "keep", KEEP)
    yield Question("keep", "Would you keep this change?", kept, len(KEEP), "alpha_ordinal", has_ac1=True)


def _about_both(trials: Sequence[PairTrial], question: str, answers: Sequence[str]) -> list[Judged]:
    """What was answered about either advice, as units of their own; "can't tell" is no answer here."""
    return [
        (trial, answers.index(value), unit)
        for trial in trials
        for unit, which in enumerate((FIRST, SECOND))
        if (value := trial.about(which, question)) in answers and value is not None
    ]


def _report(data: PairData, question: Question) -> AgreementReport | NotFitted:
    units = np.array([2 * trial.item + unit for trial, _, unit in question.answers], dtype=np.intp)
    people = np.array([str(trial.participant) for trial, _, _ in question.answers])
    tracks = np.array([trial.track for trial, _, _ in question.answers], dtype=np.intp)
    judgements = Judgements(
        category=np.array([place for _, place, _ in question.answers], dtype=np.intp),
        unit=dense_codes(units),
        participant=dense_codes(people),
        track=dense_codes(tracks),
        n_categories=question.n_categories,
    )
    return report_agreement(judgements, estimand=data.estimand, level=data.level)


def _between_people(data: PairData) -> Section:
    questions = [question for question in _questions(data) if question.answers]
    reports = [(question, _report(data, question)) for question in questions]
    found = [(question, report) for question, report in reports if isinstance(report, AgreementReport)]
    level = level_name(data.level)
    return Section(
        key="agreement",
        title="How far people agree",
        sentence=_between_sentence(data, reports),
        header=("", "Krippendorff's alpha", level, "Gwet's AC1", level, "Same answer", "Judged by several", "Answers"),
        rows=tuple(_agreement_row(question, report) for question, report in found),
        figure=IntervalFigure(
            title="Agreement beyond chance",
            axis="Krippendorff's alpha",
            left="apart",
            right="alike",
            rows=tuple(_alpha_line(question, report) for question, report in found),
            no_effect=0.0,
            lowest=-0.5,
            highest=1.0,
        )
        if found
        else None,
        notes=(
            "1: everybody alike, 0: as by chance. Tastes may differ: little agreement is no fault of a study, it "
            "is why many people and tracks are needed.",
            "Alpha (Krippendorff 2011): nominal for which advice, ordinal for all else; AC1 (Gwet 2008) where answers "
            "have no long order. Intervals by two-way jackknife.",
            *dict.fromkeys(
                f"{question.label}: {note}." for question, report in found for note in _notes(report, question)
            ),
        ),
        numbers={name: value for question, report in found for name, value in _numbers(question, report).items()},
    )


def _between_sentence(data: PairData, reports: Sequence[tuple[Question, AgreementReport | NotFitted]]) -> str:
    if not reports:
        return f"Nobody has compared {data.first.label} with {data.second.label} yet: there is nothing to agree on."
    report = reports[0][1]
    if isinstance(report, NotFitted):
        return f"How far people agree cannot be said: {report.reason}."
    raw, ac1, alpha = (report.coefficients[name] for name in ("raw", "ac1", "alpha_nominal"))
    lead = "Indicative only: two" if report.label else "Two"
    return (
        f"{lead} people who met the same two advices made the same final choice in {percent(raw.value or 0.0)} of "
        f"cases; beyond chance that is {_said(data, 'AC1', ac1)}, {_said(data, 'alpha', alpha)}: "
        f"{counted(report.n_answers, 'answer')} of {counted(report.n_participants, 'participant')} about "
        f"{counted(report.n_units, 'pair')} of advices on {counted(report.n_tracks, 'track')}."
    )


def _said(data: PairData, name: str, agreed: Agreed) -> str:
    if agreed.value is None:
        return f"no {name} ({agreed.note})"
    return f"{name} {_two_digits(agreed.value)} {in_brackets(data.level, number_span(agreed.interval), agreed.note)}"


def _agreement_row(question: Question, report: AgreementReport) -> tuple[str, ...]:
    alpha, ac1, raw = (report.coefficients[name] for name in (question.alpha, "ac1", "raw"))
    return (
        question.label,
        *_cells(alpha),
        *(_cells(ac1) if question.has_ac1 else ("", "")),
        percent(raw.value or 0.0),
        str(report.n_units),
        str(report.n_answers),
    )


def _cells(agreed: Agreed) -> tuple[str, str]:
    return ("" if agreed.value is None else _two_digits(agreed.value)), number_span(agreed.interval) or agreed.note


def _two_digits(value: float) -> str:
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _alpha_line(question: Question, report: AgreementReport) -> IntervalRow:
    alpha = report.coefficients[question.alpha]
    return interval_row(question.label, alpha.value, alpha.interval, n=report.n_answers, note=alpha.note)


def _notes(report: AgreementReport, question: Question) -> list[str]:
    few = ["indicative, fewer than ten participants or tracks"] if report.label else []
    return [note for note in (report.coefficients[question.alpha].note, *few) if note]


def _numbers(question: Question, report: AgreementReport) -> dict[str, float]:
    alpha, ac1, raw = (report.coefficients[name] for name in (question.alpha, "ac1", "raw"))
    numbers = ends(f"alpha_{question.key}", alpha.value, alpha.interval) | ends(f"same_{question.key}", raw.value, None)
    return numbers | (ends(f"ac1_{question.key}", ac1.value, ac1.interval) if question.has_ac1 else {})


def _with_oneself(data: PairData) -> list[Section]:
    """Repeats with sides swapped; nothing in a study that has none."""
    if not data.study.plan["design"]["repeats"]:
        return []
    before = {(trial.participant, trial.item): trial.preference("final_choice") for trial in data.kept}
    excluded = {trial.participant for trial in data.trials if trial.is_excluded}
    repeats = [
        Repeat(earlier, again, str(trial.participant), str(trial.track))
        for trial in repeat_trials(data.study, data.first, data.second, excluded=excluded)
        if not trial.is_excluded
        and (earlier := before.get((trial.participant, trial.item))) is not None
        and (again := trial.preference("final_choice")) is not None
    ]
    report = report_repeats(repeats, estimand=data.estimand, level=data.level)
    rows = {
        "same side": report.same_side,
        "of these as clearly": report.identical,
        "other advice, same slot": report.reversed,
        "to or from no preference": report.moved,
    }
    return [
        Section(
            key="repeats",
            title="The same trial again, sides swapped",
            sentence=_repeat_sentence(data, report),
            header=("Second answer", "Repeats"),
            rows=tuple((label, str(count)) for label, count in rows.items()) if repeats else (),
            notes=(
                "Repeats enter no other result. Who prefers the other advice chose the same slot twice: the place "
                "on the page, or no clear taste.",
            ),
            numbers={
                "n_repeats": float(report.n_pairs),
                **ends("consistency", report.consistency.rate, report.consistency.interval),
                **ends("consistency_by_chance", report.by_chance, None),
            },
        )
    ]


def _repeat_sentence(data: PairData, report: RepeatReport) -> str:
    found = report.consistency
    if found.rate is None or report.by_chance is None:
        return "Nobody has met a trial twice yet."
    span = in_brackets(data.level, rate_span(found.interval), "; ".join(found.notes))
    return (
        f"Of {counted(report.n_pairs, 'repeated trial')} of {counted(found.n_participants, 'participant')}, "
        f"{percent(found.rate)} ended on the same side as before {span}; independent answers would in "
        f"{percent(report.by_chance)}. {report.reversed} ended on the other side and {report.moved} moved to or from "
        "no preference."
    )
