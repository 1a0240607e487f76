"""What asking first does: final preference where a first choice was asked and where not, and what hearing changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import ballots_of, chosen
from studyweb.dashboard.sections.amounts import counted, ends, in_brackets, level_name, percent, rate_row
from studyweb.dashboard.sections.points import rate_line
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.ballots import Ballots
from studyweb.stats.clusters import FloatArray
from studyweb.stats.contrast import Contrast, estimate_contrast
from studyweb.stats.flips import FlipReport, count_flips
from studyweb.stats.intervals import Interval
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.preference import PreferenceEstimate, estimate_preference

FIRST_CHOICE = "first_choice"


def asking_sections(data: PairData) -> list[Section]:
    """The effect of asking for a first choice, beside the flips between first and final choice."""
    trials = chosen(data.kept)
    ballots = ballots_of(trials)
    was_asked = np.array([trial.preference(FIRST_CHOICE) is not None for trial in trials], dtype=np.bool_)
    pairs = [(trial.preference(FIRST_CHOICE), trial.preference("final_choice")) for trial in trials]
    flips = count_flips((first, final) for first, final in pairs if first is not None and final is not None)
    groups = [
        ("first choice asked", ballots.subset(was_asked)),
        ("not asked", ballots.subset(~was_asked)),
    ]
    rates = [(label, estimate_preference(part, estimand=data.estimand, level=data.level)) for label, part in groups]
    preferred = _contrast(data, ballots, was_asked, ballots.score)
    tied = _contrast(data, ballots, was_asked, (ballots.score == 0.5).astype(np.float64))
    return [
        Section(
            key="asking-first",
            title="Reading, hearing, and asking first",
            sentence=f"{_asked_sentence(data, preferred, was_asked)} {_flip_sentence(data, flips)}".strip(),
            header=("", f"{data.first.label} preferred", level_name(data.level), "Answers"),
            rows=(
                *(rate_row(label, estimate) for label, estimate in rates if estimate.n_answers),
                *_difference_rows(preferred, tied),
                *_flip_rows(data, flips),
            ),
            figure=_figure(data, rates) if isinstance(preferred, Contrast) else None,
            notes=_notes(data, preferred),
            numbers=_numbers(preferred, flips),
        )
    ]


def _figure(data: PairData, rates: Sequence[tuple[str, PreferenceEstimate]]) -> IntervalFigure:
    return IntervalFigure(
        title="Final preference, with and without a first choice",
        axis="Preference rate",
        left=data.second.label,
        right=data.first.label,
        rows=tuple(rate_line(label, estimate) for label, estimate in rates),
    )


def _contrast(
    data: PairData, ballots: Ballots, was_asked: NDArray[np.bool_], values: FloatArray
) -> Contrast | NotFitted:
    return estimate_contrast(
        values,
        was_asked,
        participant=ballots.participant,
        track=ballots.track,
        estimand=data.estimand,
        level=data.level,
    )


def _asked_sentence(data: PairData, found: Contrast | NotFitted, was_asked: NDArray[np.bool_]) -> str:
    if isinstance(found, NotFitted):
        asked = f"it was asked in {int(was_asked.sum())} of {counted(was_asked.size, 'trial')}"
        return f"What asking for a first choice does cannot be said: {asked}."
    interval = found.difference.interval
    span = _points_span(interval)
    return (
        f"{data.first.label} was preferred in {percent(found.mean_with)} of {counted(found.n_with, 'answer')} after a "
        f"first choice from reading was asked, and in {percent(found.mean_without)} of {found.n_without} without: a "
        f"difference of {100 * found.difference.value:+.0f} points "
        f"{in_brackets(data.level, span, found.difference.note)}. {_verdict(interval)}"
    )


def _verdict(interval: Interval | None) -> str:
    if interval is None or interval.low <= 0.0 <= interval.high:
        return "Whether asking first changes the final choice stays open."
    return "Asking first changed the final choice."


def _points_span(interval: Interval | None) -> str:
    return "" if interval is None else f"{100 * interval.low:+.0f} to {100 * interval.high:+.0f} points"


def _difference_rows(preferred: Contrast | NotFitted, tied: Contrast | NotFitted) -> list[tuple[str, ...]]:
    return [
        (
            label,
            f"{100 * found.difference.value:+.0f} points",
            _points_span(found.difference.interval) or found.difference.note,
            str(found.n_with + found.n_without),
        )
        for label, found in (("difference", preferred), ("difference in ties", tied))
        if isinstance(found, Contrast)
    ]


def _flip_sentence(data: PairData, flips: FlipReport) -> str:
    if not flips.n_trials:
        return ""
    return (
        f"Of {counted(flips.n_trials, 'first choice')} from reading, {flips.kept} were kept after hearing, "
        f"{flips.flips} went to the other side ({flips.flipped_to_first} to {data.first.label}, "
        f"{flips.flipped_to_second} to {data.second.label}), {flips.undecided} ended in no preference, "
        f"and {flips.decided_for_first + flips.decided_for_second} came to one from none."
    )


def _flip_rows(data: PairData, flips: FlipReport) -> list[tuple[str, ...]]:
    counts = {
        "first choice kept": flips.kept,
        f"flipped to {data.first.label}": flips.flipped_to_first,
        f"flipped to {data.second.label}": flips.flipped_to_second,
        f"decided for {data.first.label}": flips.decided_for_first,
        f"decided for {data.second.label}": flips.decided_for_second,
        "became no preference": flips.undecided,
    }
    return [(label, "", "", str(count)) for label, count in counts.items()] if flips.n_trials else []


def _notes(data: PairData, found: Contrast | NotFitted) -> tuple[str, ...]:
    share = float(data.study.plan["design"]["ask_first_choice_share"])
    drawn = f"Whether a first choice is asked is drawn for each trial, with a share of {percent(share)}."
    if isinstance(found, NotFitted) or found.difference.interval is None:
        return (drawn,)
    return (drawn, f"Ties count as half; difference of means, {found.difference.interval.method}.")


def _numbers(found: Contrast | NotFitted, flips: FlipReport) -> dict[str, float]:
    numbers = {"n_first_choices": float(flips.n_trials), "n_flips": float(flips.flips)}
    if isinstance(found, NotFitted):
        return numbers
    means = {"rate_asked": found.mean_with, "rate_not_asked": found.mean_without}
    return numbers | means | ends("difference", found.difference.value, found.difference.interval)
