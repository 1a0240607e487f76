"""What was said about each advice: ratings by criterion, compared and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from studyweb.dashboard.criteria_results import CANT_TELL, paired_ratings
from studyweb.dashboard.figures.shapes import BarFigure, IntervalFigure
from studyweb.dashboard.pair_trials import FIRST, SECOND, PairTrial
from studyweb.dashboard.sections.amounts import basis, ends, in_brackets, level_name, percent, rate_span
from studyweb.dashboard.sections.keeping import keeping_sections
from studyweb.dashboard.sections.points import interval_row
from studyweb.dashboard.sections.rating_models import rating_models_section
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.codes import RATINGS
from studyweb.stats.differences import DifferenceEstimate, PairedRatings, estimate_difference
from studyweb.stats.dominance import estimate_dominance
from studyweb.stats.intervals import Interval
from studyweb.stats.multiplicity import JudgedTogether, judge_together
from studyweb.stats.preference import PreferenceEstimate
from studyweb.trials.criteria import CRITERIA

POINTS = tuple(answer for answer in RATINGS if answer != CANT_TELL)
UNTESTED = JudgedTogether(None, None, None, "nobody rated both")


@dataclass(frozen=True)
class Rated:
    """One criterion that somebody rated, with all that is calculated about it."""

    name: str
    statement: str
    ratings: PairedRatings
    difference: DifferenceEstimate
    dominance: PreferenceEstimate
    together: JudgedTogether


def criteria_sections(data: PairData) -> list[Section]:
    """Ratings compared, counted and modelled, and whether changes would be kept; what nobody was asked is left out."""
    asked = CRITERIA[data.study.plan["design"]["criteria"]]
    statements = {each.name: each.statement for each in (*asked.read, *asked.hear)}
    trials = [trial for trial in data.kept if any(_is_rated(trial, name) for name in statements)]
    if not trials:
        nobody = f"Nobody has rated the advice of {data.first.label} and {data.second.label} yet."
        return [Section("criteria", "What was said about each advice", nobody, (), ()), *keeping_sections(data)]
    rated = _rated(data, trials, statements)
    return [
        _compared(data, rated),
        _counted(data, rated, trials),
        rating_models_section(data, {each.statement: (each.name, each.ratings) for each in rated}, trials),
        *keeping_sections(data),
    ]


def _is_rated(trial: PairTrial, name: str) -> bool:
    return any(trial.about(which, name) is not None for which in (FIRST, SECOND))


def _rated(data: PairData, trials: Sequence[PairTrial], statements: dict[str, str]) -> list[Rated]:
    ratings = {name: paired_ratings(trials, name) for name in statements}
    primary = _primary(data)
    together = judge_together(ratings, primary=primary, estimand=data.estimand, level=data.level)
    found = [
        Rated(
            name,
            statements[name],
            each,
            difference=estimate_difference(each, estimand=data.estimand, level=data.level),
            dominance=estimate_dominance(each, estimand=data.estimand, level=data.level),
            together=together.get(name, UNTESTED),
        )
        for name, each in ratings.items()
        if any(_is_rated(trial, name) for trial in trials)
    ]
    return sorted(found, key=lambda each: each.name != primary)


def _primary(data: PairData) -> str:
    return str(data.study.plan["analysis"].get("primary_criterion", ""))


def _compared(data: PairData, rated: Sequence[Rated]) -> Section:
    return Section(
        key="criteria",
        title="What was said about each advice",
        sentence=_compared_sentence(data, rated),
        header=(
            *("Criterion", data.first.label, data.second.label, "Difference", level_name(data.level)),
            *(
                "Holding together",
                "p",
                "p (Holm)",
                f"{data.first.label} rated higher",
                level_name(data.level),
                "Trials",
            ),
        ),
        rows=tuple(_compared_row(each) for each in rated),
        figure=IntervalFigure(
            title="Ratings compared within trials",
            axis="Difference in scale points, intervals that hold together",
            left=f"{data.second.label} rated higher",
            right=f"{data.first.label} rated higher",
            rows=tuple(
                interval_row(
                    each.statement,
                    each.difference.difference,
                    each.together.interval,
                    n=each.difference.n_trials,
                    note=each.together.note,
                )
                for each in rated
            ),
            no_effect=0.0,
            lowest=-1.0,
            highest=1.0,
        ),
        notes=_compared_notes(data, rated),
        numbers=_compared_numbers(rated),
    )


def _compared_row(each: Rated) -> tuple[str, ...]:
    difference, dominance = each.difference, each.dominance
    return (
        each.statement,
        *("" if mean is None else f"{mean:.2f}" for mean in (difference.first_mean, difference.second_mean)),
        "" if difference.difference is None else signed(difference.difference),
        signed_span(difference.interval) or difference.note,
        signed_span(each.together.interval),
        p_text(each.together.p_value),
        p_text(each.together.adjusted_p),
        "" if dominance.rate is None else percent(dominance.rate),
        rate_span(dominance.interval),
        str(difference.n_trials),
    )


def _compared_sentence(data: PairData, rated: Sequence[Rated]) -> str:
    primary = [each for each in rated if each.name == _primary(data)]
    others = [each for each in rated if each.name != _primary(data)]
    return " ".join([*(_alone(data, each) for each in primary), *_family(data, others, has_primary=bool(primary))])


def _alone(data: PairData, each: Rated) -> str:
    found = each.difference
    lead = f"On the primary criterion, “{each.statement}”,"
    if found.difference is None:
        return f"{lead} nobody rated both."
    span = in_brackets(data.level, signed_span(found.interval), found.note)
    rate = (
        ""
        if each.dominance.rate is None
        else f", and higher in {percent(each.dominance.rate)} of trials, equal as half"
    )
    return (
        f"{lead} {data.first.label} was rated {_higher(data, found.difference)} on average {span}{rate}: "
        f"{basis(found.n_trials, found.n_participants, found.n_tracks)}."
    )


def _higher(data: PairData, difference: float) -> str:
    if difference == 0.0:
        return f"like {data.second.label}"
    return f"{abs(difference):.2f} points {'higher' if difference > 0 else 'lower'} than {data.second.label}"


def _family(data: PairData, others: Sequence[Rated], *, has_primary: bool) -> list[str]:
    """What holds of the criteria that are judged together."""
    if not others:
        return []
    clear = [each for each in others if _is_clear(each, alpha=1 - data.level)]
    many = f"{len(others)}{' other' if has_primary else ''} {'criterion' if len(others) == 1 else 'criteria'}"
    if not clear:
        return [f"On none of {many} it is clear which advice is rated higher, adjusted for asking several."]
    said = "; ".join(
        f"“{each.statement}”: {data.first.label} {_higher(data, each.difference.difference or 0.0)} "
        f"(p {p_relation(each.together.adjusted_p)})"
        for each in clear
    )
    left = len(others) - len(clear)
    return [
        f"Of {many}, adjusted for asking several, {len(clear)} {'is' if len(clear) == 1 else 'are'} clear: {said}."
    ] + ([f"The other {left} stay open." if left > 1 else "The other one stays open."] if left else [])


def _is_clear(each: Rated, *, alpha: float) -> bool:
    return each.together.adjusted_p is not None and each.together.adjusted_p < alpha


def _compared_notes(data: PairData, rated: Sequence[Rated]) -> tuple[str, ...]:
    declared = (
        f"Primary criterion, declared in the study file: {_primary(data)}; it is not adjusted."
        if _primary(data)
        else "The study file declares no primary criterion: all are adjusted for each other."
    )
    labels = ["Indicative: fewer than ten participants or tracks."] if any(r.difference.label for r in rated) else []
    return (
        declared,
        "Differences within trials; p by Holm 1979; intervals that hold together by max-|t| over the clustered "
        "covariance (Hothorn, Bretz & Westfall 2008).",
        "Rated higher: equal ratings as half (ordinal dominance, Cliff 1993); it needs no equal steps of the scale.",
        *dict.fromkeys(f"{each.statement}: {each.together.note}." for each in rated if each.together.note),
        *labels,
    )


def _compared_numbers(rated: Sequence[Rated]) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for each in rated:
        numbers |= ends(f"difference_{each.name}", each.difference.difference, each.difference.interval)
        numbers |= ends(f"together_{each.name}", each.difference.difference, each.together.interval)
        numbers |= ends(f"dominance_{each.name}", each.dominance.rate, each.dominance.interval)
        numbers |= ends(f"holm_p_{each.name}", each.together.adjusted_p, None)
    return numbers


def _counted(data: PairData, rated: Sequence[Rated], trials: Sequence[PairTrial]) -> Section:
    """How often each scale point was given."""
    rows = []
    for each in rated:
        for which, system in ((FIRST, data.first), (SECOND, data.second)):
            answers = Counter(trial.about(which, each.name) for trial in trials)
            rows.append((f"{each.statement}: {system.label}", tuple(answers[answer] for answer in RATINGS)))
    ratings = sum(sum(counts) for _, counts in rows)
    cant_tell = sum(counts[-1] for _, counts in rows)
    return Section(
        key="rating-counts",
        title="Ratings given",
        sentence=f"Of {ratings} ratings, {cant_tell} were “can't tell”: counted here, and no number in any mean.",
        header=("", *POINTS, "can't tell"),
        rows=tuple((label, *map(str, counts)) for label, counts in rows),
        figure=BarFigure("Ratings given", POINTS, tuple((label, counts[:-1]) for label, counts in rows)),
        notes=("1: not at all, 7: completely.",),
        numbers={"n_ratings": float(ratings), "n_cant_tell": float(cant_tell)},
    )


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign."""
    return f"{value:+.{digits}f}".replace("-", "−")


def signed_span(interval: Interval | None) -> str:
    """The ends of a difference's interval; empty without one."""
    return "" if interval is None else f"{signed(interval.low)} to {signed(interval.high)}"


def p_text(p_value: float | None) -> str:
    """A p-value for a table; empty without one."""
    return "" if p_value is None else "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def p_relation(p_value: float | None) -> str:
    """ "= 0.012" or "< 0.001"."""
    text = p_text(p_value)
    return text if text.startswith("<") else f"= {text}"
