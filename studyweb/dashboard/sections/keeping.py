"""Would you keep this change: yes, partly or no, for both advices of a trial; apart from every other question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from studyweb.dashboard.figures.shapes import BarFigure
from studyweb.dashboard.pair_trials import FIRST, SECOND, PairTrial
from studyweb.dashboard.sections.amounts import basis, ends, in_brackets, level_name, percent, rate_span
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import FloatArray
from studyweb.stats.codes import KEEP, UnknownAnswerError
from studyweb.stats.differences import DifferenceEstimate, PairedRatings, estimate_difference
from studyweb.stats.dominance import estimate_dominance
from studyweb.stats.intervals import Interval
from studyweb.stats.preference import PreferenceEstimate

QUESTION = "keep"
ORDERED = KEEP[::-1]
"""From no to yes."""


def keeping_sections(data: PairData) -> list[Section]:
    """One section where both advices of some trial got an answer; none in a study that does not ask."""
    trials = [trial for trial in data.kept if all(trial.about(which, QUESTION) for which in (FIRST, SECOND))]
    if not trials:
        return []
    first, second = (_places(trials, which) for which in (FIRST, SECOND))
    shares = {
        answer: estimate_difference(
            _paired(trials, (first == place).astype(np.float64), (second == place).astype(np.float64)),
            estimand=data.estimand,
            level=data.level,
        )
        for place, answer in enumerate(ORDERED)
    }
    sooner = estimate_dominance(_paired(trials, first, second), estimand=data.estimand, level=data.level)
    return [
        Section(
            key="keep",
            title="Would you keep this change?",
            sentence=_sentence(data, shares["yes"]),
            header=("", data.first.label, data.second.label, "Difference", level_name(data.level), "Trials"),
            rows=(*(_row(answer, shares[answer]) for answer in KEEP), _sooner_row(data, sooner)),
            figure=BarFigure(
                "Would you keep this change?",
                ORDERED,
                tuple(
                    (system.label, tuple(int((values == place).sum()) for place in range(len(ORDERED))))
                    for system, values in ((data.first, first), (data.second, second))
                ),
            ),
            notes=("Differences of shares within trials, with the clustered interval.",),
            numbers={
                **{f"{which}_{answer}": mean for answer, found in shares.items() for which, mean in _means(found)},
                **ends("difference_yes", shares["yes"].difference, shares["yes"].interval),
                **ends("dominance_keep", sooner.rate, sooner.interval),
            },
        )
    ]


def _places(trials: Sequence[PairTrial], which: str) -> FloatArray:
    """[n] 0 no, 1 partly, 2 yes. Raises UnknownAnswerError for another code."""
    values = [trial.about(which, QUESTION) for trial in trials]
    if unknown := {value for value in values if value not in ORDERED}:
        raise UnknownAnswerError(f"unknown answer {sorted(map(str, unknown))[0]!r} to {QUESTION}")
    return np.array([ORDERED.index(str(value)) for value in values], dtype=np.float64)


def _paired(trials: Sequence[PairTrial], first: FloatArray, second: FloatArray) -> PairedRatings:
    people, tracks = np.array([str(trial.participant) for trial in trials]), np.array([trial.track for trial in trials])
    return PairedRatings(first, second, dense_codes(people), dense_codes(tracks))


def _means(found: DifferenceEstimate) -> list[tuple[str, float]]:
    return [("first", found.first_mean or 0.0), ("second", found.second_mean or 0.0)]


def _row(answer: str, found: DifferenceEstimate) -> tuple[str, ...]:
    return (
        answer,
        *(percent(mean) for _, mean in _means(found)),
        _point(found.difference or 0.0),
        _points(found.interval) or found.note,
        str(found.n_trials),
    )


def _sooner_row(data: PairData, sooner: PreferenceEstimate) -> tuple[str, ...]:
    rate = percent(sooner.rate or 0.0)
    why = "; ".join(sooner.notes)
    return (
        f"{data.first.label} sooner kept, alike as half",
        rate,
        "",
        "",
        rate_span(sooner.interval) or why,
        str(sooner.n_answers),
    )


def _sentence(data: PairData, yes: DifferenceEstimate) -> str:
    first, second = (percent(mean) for _, mean in _means(yes))
    span = in_brackets(data.level, _points(yes.interval), yes.note)
    lead = "Indicative only: " if yes.label else ""
    return (
        f"{lead}The change of {data.first.label} would be kept in {first} of trials and that of {data.second.label} in "
        f"{second}, a difference of {_point(yes.difference or 0.0)} {span}: "
        f"{basis(yes.n_trials, yes.n_participants, yes.n_tracks)}."
    )


def _points(interval: Interval | None) -> str:
    """The ends of an interval for a difference of shares; never beyond 100 points."""
    if interval is None:
        return ""
    return f"{_point(max(-1.0, interval.low)).removesuffix(' points')} to {_point(min(1.0, interval.high))}"


def _point(difference: float) -> str:
    return f"{100 * difference:+.0f} points".replace("-", "−")
