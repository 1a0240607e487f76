"""The primary result: the preference rate with its forest plot, and how much weighs on those who answered most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from studyweb.dashboard.figures.shapes import IntervalFigure, IntervalRow
from studyweb.dashboard.pair_trials import PairTrial, ballots_of
from studyweb.dashboard.sections.amounts import counted, ends, in_brackets, level_name, percent, rate_span
from studyweb.dashboard.sections.people import ROLES, YEARS, Person, people_of
from studyweb.dashboard.sections.points import rate_line
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.ballots import Ballots
from studyweb.stats.heavy_raters import HeavyRaterReport, report_heavy_raters
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import PreferenceEstimate, estimate_preference
from studyweb.stats.wording import preference_sentence

Groups = list[tuple[str, list[tuple[str, PreferenceEstimate]]]]
"""(heading, [(label, estimate)]) of the forest plot; the first heading is empty."""


def primary_sections(data: PairData) -> list[Section]:
    """The rate overall and in groups, then the same with people weighed otherwise."""
    return [_preference(data), _weights(data)]


def planned_ballots(data: PairData, trials: Sequence[PairTrial] | None = None) -> Ballots:
    """Final choices as the study file's plan counts them: ties as half, or left out."""
    ballots = ballots_of(data.kept if trials is None else trials)
    return ballots.subset(ballots.score != 0.5) if ties_of(data) == "excluded" else ballots


def ties_of(data: PairData) -> str:
    """What the plan does with ties: `half` or `excluded`."""
    return str(data.study.plan["analysis"]["ties"])


def ties_in_words(data: PairData) -> str:
    """The same for a title."""
    return "ties left out" if ties_of(data) == "excluded" else "ties as half"


def _preference(data: PairData) -> Section:
    overall = _estimate(data, planned_ballots(data))
    groups = _groups(data, overall)
    sentence = preference_sentence(overall, first=data.first.label, second=data.second.label, ties=ties_of(data))
    return Section(
        key="preference",
        title="Preference",
        sentence=sentence,
        header=("", "Rate", level_name(data.level), "Answers", "Participants", "Tracks", "Design effect", "Note"),
        rows=tuple(_rows(groups)) if overall.n_answers else (),
        figure=_forest(data, groups) if overall.n_answers else None,
        notes=tuple(_notes(overall, groups)),
        numbers=_numbers(overall),
    )


def _estimate(data: PairData, ballots: Ballots) -> PreferenceEstimate:
    return estimate_preference(ballots, estimand=data.estimand, level=data.level)


def _groups(data: PairData, overall: PreferenceEstimate) -> Groups:
    people = people_of(data.study)
    anybody = Person()

    def who(trial: PairTrial) -> Person:
        return people.get(trial.participant, anybody)

    groups: Groups = [("", [("overall", overall)])]
    if len(data.kept) < len(data.trials):
        groups[0][1].append(("with excluded participants", _estimate(data, planned_ballots(data, data.trials))))
    genres = sorted({trial.genre for trial in data.kept})
    groups.append(("By genre", _parts(data, {name: name for name in genres}, lambda trial: trial.genre)))
    groups.append(("By years of mixing", _parts(data, YEARS, lambda trial: who(trial).years)))
    groups.append(("By role", _parts(data, ROLES, lambda trial: who(trial).role)))
    sides = {"A": f"{data.first.label} in slot A", "B": f"{data.first.label} in slot B"}
    groups.append(("By side", _parts(data, sides, lambda trial: "A" if trial.first_is_a else "B")))
    return [(heading, parts) for heading, parts in groups if parts]


def _parts(
    data: PairData, labels: dict[str, str], group_of: Callable[[PairTrial], str]
) -> list[tuple[str, PreferenceEstimate]]:
    """The estimate in every group with answers; none where there are not two of them."""
    parts = [
        (label, _estimate(data, planned_ballots(data, [trial for trial in data.kept if group_of(trial) == value])))
        for value, label in labels.items()
    ]
    answered = [(label, estimate) for label, estimate in parts if estimate.n_answers]
    return answered if len(answered) > 1 else []


def _forest(data: PairData, groups: Groups) -> IntervalFigure:
    rows = []
    for heading, parts in groups:
        rows += [IntervalRow(heading)] if heading else []
        rows += [rate_line(label, estimate) for label, estimate in parts]
    return IntervalFigure(
        title=f"Preference rate, {ties_in_words(data)}, with {level_name(data.level)}s",
        axis="share of final choices",
        left=f"{data.second.label} preferred",
        right=f"{data.first.label} preferred",
        rows=tuple(rows),
    )


def _rows(groups: Groups) -> Iterator[tuple[str, ...]]:
    for heading, parts in groups:
        prefix = f"{heading.removeprefix('By ')}: " if heading else ""
        for label, each in parts:
            effect = f"{each.design_effect:.2f}" if each.design_effect else ""
            note = "; ".join(filter(None, (each.label, *(() if each.interval else each.notes))))
            rate = "" if each.rate is None else percent(each.rate)
            counts = (str(each.n_answers), str(each.n_participants), str(each.n_tracks))
            yield (prefix + label, rate, rate_span(each.interval), *counts, effect, note)


def _notes(overall: PreferenceEstimate, groups: Groups) -> Iterator[str]:
    if overall.interval:
        yield f"Interval: {overall.interval.method} (Cameron, Gelbach & Miller 2011, guarded)."
    if overall.design_effect and overall.effective_n:
        yield (
            f"Design effect {overall.design_effect:.2f}: {counted(overall.n_answers, 'answer')} tell as much as "
            f"{overall.effective_n:.0f} independent ones would."
        )
    yield from (f"{note[:1].upper()}{note[1:]}." for note in overall.notes)
    if overall.label == "indicative" and overall.interval:
        spans = {"participants": overall.participant_interval, "tracks": overall.track_interval}
        said = [f"by means of {who} it is {rate_span(span)}" for who, span in spans.items() if span]
        yield "; ".join(("Few participants or tracks, so the interval is indicative", *said)) + "."
    if len(groups) > 1:
        yield "Groups are exploratory: none of their differences was drawn at random or tested."


def _numbers(estimate: PreferenceEstimate) -> dict[str, float]:
    counts = {name: float(getattr(estimate, name)) for name in ("n_answers", "n_participants", "n_tracks")}
    more = {"design_effect": estimate.design_effect, "effective_n": estimate.effective_n}
    known = {name: value for name, value in more.items() if value is not None}
    return {**counts, **ends("rate", estimate.rate, estimate.interval), **known}


def _weights(data: PairData) -> Section:
    ballots = planned_ballots(data)
    report = report_heavy_raters(ballots, estimand=data.estimand, level=data.level)
    title = "People weighed alike"
    if isinstance(report, NotFitted):
        return Section("weights", title, f"Not calculated: {report.reason}.", (), ())
    rate = float(np.mean(ballots.score))
    weighted = report.weighted_interval
    return Section(
        key="weights",
        title=title,
        sentence=(
            f"With every person counting alike, however many answers they gave, the rate is "
            f"{percent(report.weighted_rate)} {in_brackets(data.level, rate_span(weighted), report.note)} instead of "
            f"{percent(rate)}."
        ),
        header=("", "Rate", level_name(data.level)),
        rows=(
            ("every person alike", percent(report.weighted_rate), rate_span(weighted)),
            ("every answer alike, jackknife (CV3)", percent(rate), rate_span(report.jackknife_interval)),
        ),
        notes=tuple(_weight_notes(report, weighted)),
        numbers=ends("participant_weighted_rate", report.weighted_rate, weighted),
    )


def _weight_notes(report: HeavyRaterReport, weighted: Interval | None) -> Iterator[str]:
    yield (
        f"The busiest person gave {percent(report.largest_share)} of all answers; {report.n_participants} people weigh "
        f"like {report.effective_participants:.1f} who answer equally often."
    )
    if report.note and weighted:
        yield f"{report.note[:1].upper()}{report.note[1:]}."
