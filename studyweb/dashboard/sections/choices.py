"""What was chosen: ties with their models and reasons, before and after hearing, and the effect of the side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from studyweb.dashboard.criteria_results import tie_reasons
from studyweb.dashboard.figures.shapes import BarFigure
from studyweb.dashboard.pair_trials import ballots_of
from studyweb.dashboard.sections.amounts import (
    counted,
    ends,
    in_brackets,
    level_name,
    number_span,
    percent,
    rate_span,
    sentence,
)
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.flips import count_flips
from studyweb.stats.mixed_logit import fit_mixed_logit
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.paired_models import TieModelReport, fit_tie_model
from studyweb.stats.sides import report_sides
from studyweb.stats.ties import report_ties
from studyweb.stats.wording import position_sentence
from studyweb.trials.criteria import REASON_OPTIONS

MODEL_NAMES = {"davidson": "Davidson (1970)", "rao_kupper": "Rao & Kupper (1967)"}
FIRST_QUESTION, FINAL_QUESTION = "first_choice", "final_choice"


def choice_sections(data: PairData) -> list[Section]:
    """Ties, sides, and what hearing changed (where both choices were asked)."""
    return [_ties(data), _sides(data), _hearing(data)]


def _ties(data: PairData) -> Section:
    ballots = ballots_of(data.kept)
    report = report_ties(ballots, estimand=data.estimand, level=data.level)
    if not ballots.n_answers:
        return Section("ties", "Ties", "No ties to count: no answers yet.", (), ())
    rate, decided = report.tie_rate, report.decided
    reasons, labels = tie_reasons(data.kept), dict(REASON_OPTIONS)
    rows = [
        (f"{data.first.label} preferred", str(report.wins), ""),
        ("no preference", str(report.ties), ""),
        *((f"no preference: {labels[reason].lower()}", str(count), "") for reason, count in reasons.items() if count),
        (f"{data.second.label} preferred", str(report.losses), ""),
        ("share of ties", percent(rate.rate or 0), rate_span(rate.interval)),
        ("rate among the decided", "" if decided.rate is None else percent(decided.rate), rate_span(decided.interval)),
        *_tie_models(data),
    ]
    said = f"{report.ties} of {counted(ballots.n_answers, 'answer')} were no preference"
    return Section(
        key="ties",
        title="Ties",
        sentence=f"{said} ({percent(rate.rate or 0)}); {_among_decided(data, decided.rate)}",
        header=("", "Count or estimate", level_name(data.level)),
        rows=tuple(rows),
        notes=(
            "Ties are outcomes and never dropped silently; the rate among the decided is another question than the "
            "primary one.",
            "Both models have ties as outcomes, with two-way clustered intervals; log-odds are for the first system.",
        ),
        numbers={
            **{name: float(getattr(report, name)) for name in ("wins", "ties", "losses")},
            **ends("tie_rate", rate.rate, rate.interval),
            **ends("decided_rate", decided.rate, decided.interval),
        },
    )


def _among_decided(data: PairData, rate: float | None) -> str:
    if rate is None:
        return "nobody decided."
    return f"of those who decided, {percent(rate)} were for {data.first.label}."


def _tie_models(data: PairData) -> Iterator[tuple[str, str, str]]:
    ballots = ballots_of(data.kept)
    for ties in ("davidson", "rao_kupper"):
        model = fit_tie_model(ballots, ties=ties, estimand=data.estimand, level=data.level)
        yield _tie_row(MODEL_NAMES[ties], model)
    mixed = fit_mixed_logit(ballots, ties="outcomes", level=data.level)
    name = "Rao & Kupper with participants and tracks: rate, ties as half"
    if isinstance(mixed, NotFitted):
        yield name, "", mixed.reason
    else:
        yield name, percent(mixed.average_rate), rate_span(mixed.average_interval)


def _tie_row(name: str, model: TieModelReport | NotFitted) -> tuple[str, str, str]:
    if isinstance(model, NotFitted):
        return f"{name}: log-odds", "", model.reason
    span = number_span(model.preference.interval) or model.preference.note
    return f"{name}: log-odds", f"{model.preference.value:.2f}", span


def _sides(data: PairData) -> Section:
    ballots = ballots_of(data.kept)
    report = report_sides(ballots, estimand=data.estimand, level=data.level)
    slot_a = report.slot_a_preference
    if slot_a.rate is None:
        return Section("sides", "Sides", "No sides to compare: no answers yet.", (), ())
    even = (
        f"Whatever stood in slot A was preferred in {percent(slot_a.rate)} of answers "
        f"{in_brackets(data.level, rate_span(slot_a.interval), '; '.join(slot_a.notes))}: no pull to either side shows."
    )
    return Section(
        key="sides",
        title="Sides",
        sentence=position_sentence(report) or even,
        header=("", "Count or rate", level_name(data.level)),
        rows=(
            (f"{data.first.label} stood in A", str(report.first_in_a), ""),
            (f"{data.first.label} stood in B", str(report.first_in_b), ""),
            ("slot A preferred", percent(slot_a.rate), rate_span(slot_a.interval)),
        ),
        notes=(f"Sample-ratio check: exact binomial p = {report.balance_p:.3f} of the side counts against one half.",),
        numbers=ends("slot_a_rate", slot_a.rate, slot_a.interval),
    )


def _hearing(data: PairData) -> Section:
    both = [
        (first, final)
        for trial in data.kept
        if (first := trial.preference(FIRST_QUESTION)) is not None
        and (final := trial.preference(FINAL_QUESTION)) is not None
    ]
    title = "What hearing changed"
    if not both:
        return Section("flips", title, "No trial asked for a choice both before and after hearing.", (), ())
    flips, one, other = count_flips(both), data.first.label, data.second.label
    answers = (f"{other}, clearly", f"{other}, slightly", "no preference", f"{one}, slightly", f"{one}, clearly")
    counts = [Counter(choices) for choices in zip(*both, strict=True)]
    bars = [tuple(count[preference] for preference in range(-2, 3)) for count in counts]
    return Section(
        key="flips",
        title=title,
        sentence=(
            f"In {flips.flips} of {counted(flips.n_trials, 'trial')} that asked twice, hearing turned the choice: "
            f"{flips.flipped_to_first} to {one}, {flips.flipped_to_second} to {other}."
        ),
        header=("From the first choice to the final one", "Trials"),
        rows=(
            ("same side, or no preference both times", str(flips.kept)),
            (f"flipped to {one}", str(flips.flipped_to_first)),
            (f"flipped to {other}", str(flips.flipped_to_second)),
            (f"from no preference to {one}", str(flips.decided_for_first)),
            (f"from no preference to {other}", str(flips.decided_for_second)),
            ("to no preference", str(flips.undecided)),
        ),
        figure=BarFigure(
            "Choices in the trials that asked twice", answers, (("having read", bars[0]), ("having heard", bars[1]))
        ),
        numbers={"flips": float(flips.flips), "flip_trials": float(flips.n_trials)},
        notes=(sentence("a flip ends on the other side of no preference; moves to and from it are counted apart"),),
    )
