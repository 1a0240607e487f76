"""The primary result with and without some of its answers: failed checks, early leavers, ties, halves of sessions."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import ballots_of, chosen
from studyweb.dashboard.sections.amounts import level_name, percent, rate_span
from studyweb.dashboard.sections.people import Person, people_of
from studyweb.dashboard.sections.points import rate_line
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.sensitivity import Sensitivity, estimate_without

Rows = dict[str, NDArray[np.bool_]]


def sensitivity_section(data: PairData) -> Section:
    """How far the rate moves when answers are left out that somebody might doubt. Ties count as half."""
    ballots = ballots_of(data.kept)
    title = "With and without"
    if not ballots.n_answers:
        return Section("sensitivity", title, "Nothing to leave out: no answers yet.", (), ())
    left_out = {label: rows for label, rows in _left_out(data).items() if rows.any()}
    lines = estimate_without(ballots, left_out, estimand=data.estimand, level=data.level)
    return Section(
        key="sensitivity",
        title=title,
        sentence=_sentence(lines),
        header=("Left out", "Answers left out", "Rate", level_name(data.level), "Change"),
        rows=tuple(_row(line) for line in lines),
        figure=IntervalFigure(
            title=f"Preference rate without some answers, ties as half, with {level_name(data.level)}s",
            axis="share of final choices",
            left=f"{data.second.label} preferred",
            right=f"{data.first.label} preferred",
            rows=tuple(rate_line(f"without {line.left_out}", line.estimate) for line in lines),
        ),
        notes=("Only rules declared in the study file exclude anybody; these lines are beside the result.",),
        numbers={f"without.{line.left_out}": line.estimate.rate for line in lines if line.estimate.rate is not None},
    )


def _left_out(data: PairData) -> Rows:
    """{what is left out: [n] the final choices that fall under it}."""
    people, rows = people_of(data.study), chosen(data.kept)
    who = [people.get(trial.participant, Person()) for trial in rows]
    all_of = Counter(trial.participant for trial in rows)
    so_far: Counter[UUID] = Counter()
    is_late = []
    for trial in rows:
        so_far[trial.participant] += 1
        is_late.append(2 * so_far[trial.participant] > all_of[trial.participant] + 1)
    return {
        "people who failed a check": np.array([person.has_failed_a_check for person in who]),
        "people who did not finish": np.array([not person.has_finished for person in who]),
        "ties": np.array([trial.preference("final_choice") == 0 for trial in rows]),
        "the second half of every session": np.array(is_late),
        "the first half of every session": ~np.array(is_late),
    }


def _row(line: Sensitivity) -> tuple[str, ...]:
    rate = line.estimate.rate
    change = "" if line.change is None else f"{100 * line.change:+.1f} points"
    span = rate_span(line.estimate.interval) or "; ".join(line.estimate.notes)
    return line.left_out, str(line.n_left_out), "" if rate is None else percent(rate), span, change


def _sentence(lines: tuple[Sensitivity, ...]) -> str:
    known = [line for line in lines[1:] if line.change is not None]
    if not known:
        return "There is nothing to leave out: nobody failed a check, left early or answered only once."
    most = max(known, key=lambda line: abs(line.change or 0.0))
    return (
        f"Leaving out {most.left_out} moves the rate most, by {100 * (most.change or 0):+.1f} points to "
        f"{percent(most.estimate.rate or 0)}."
    )
