"""More than two systems on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import chosen
from studyweb.dashboard.sections.amounts import basis, level_name, number_span, percent, sentence
from studyweb.dashboard.sections.points import interval_row
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.bradley_terry import Difference, RankedSystem, Ranking, rank_systems
from studyweb.stats.codes import score_of_preference
from studyweb.stats.comparisons import Comparisons, comparisons_from_rows
from studyweb.stats.not_fitted import NotFitted

TITLE = "All systems on one scale"


def ranking_section(pairs: Sequence[PairData]) -> Section | None:
    """Bradley-Terry strengths and ranks; None where the study compares two systems only."""
    labels = {system.key: system.label for pair in pairs for system in (pair.first, pair.second)}
    if len(labels) < 3:
        return None
    data = pairs[0]
    ranking = rank_systems(_comparisons(pairs, list(labels)), estimand=data.estimand, level=data.level)
    if isinstance(ranking, NotFitted):
        return Section("ranking", TITLE, f"The systems cannot be put on one scale: {ranking.reason}.", (), ())
    first = ranking.systems[0]
    return Section(
        key="ranking",
        title=TITLE,
        sentence=(
            f"{labels[first.name]} comes first of {len(ranking.systems)}, at rank {_ranks(first)} with "
            f"{100 * data.level:.0f} % confidence in all ranks at once; "
            f"{basis(ranking.n_answers, ranking.n_participants, ranking.n_tracks)}."
        ),
        header=("", "Log-odds", level_name(data.level), "Rank", "Answers", "Rate when they met"),
        rows=(
            *(_system_row(each, labels) for each in ranking.systems),
            *(_difference_row(each, labels) for each in ranking.differences),
        ),
        figure=_figure(ranking, labels, level=data.level),
        notes=(
            "Bradley-Terry with ties as half and the side's effect, two-way clustered. A strength is over the average "
            "system; the intervals of differences and the ranks hold all at once.",
            *(sentence(note) for note in ranking.notes),
        ),
        numbers={f"strength.{each.name}": each.strength.value for each in ranking.systems},
    )


def _comparisons(pairs: Sequence[PairData], systems: list[str]) -> Comparisons:
    rows = [(pair, trial) for pair in pairs for trial in chosen(pair.kept)]
    return comparisons_from_rows(
        systems,
        [(pair.first.key, pair.second.key) for pair, _ in rows],
        [score_of_preference(trial.preference("final_choice") or 0) for _, trial in rows],
        participants=[str(trial.participant) for _, trial in rows],
        tracks=[str(trial.track) for _, trial in rows],
        first_is_a=[trial.first_is_a for _, trial in rows],
    )


def _ranks(system: RankedSystem) -> str:
    one = system.best_rank == system.worst_rank
    return str(system.best_rank) if one else f"{system.best_rank} to {system.worst_rank}"


def _system_row(system: RankedSystem, labels: dict[str, str]) -> tuple[str, ...]:
    span = number_span(system.strength.interval) or system.strength.note
    return labels[system.name], f"{system.strength.value:+.2f}", span, _ranks(system), "", ""


def _difference_row(each: Difference, labels: dict[str, str]) -> tuple[str, ...]:
    name = f"{labels[each.first]} over {labels[each.second]}"
    span = number_span(each.log_odds.interval) or each.log_odds.note
    met = "" if each.direct_rate is None else percent(each.direct_rate)
    return name, f"{each.log_odds.value:+.2f}", span, "", str(each.n_direct), met


def _figure(ranking: Ranking, labels: dict[str, str], *, level: float) -> IntervalFigure:
    rows = [
        interval_row(labels[each.name], each.strength.value, each.strength.interval, n=0, note=each.strength.note)
        for each in ranking.systems
    ]
    return IntervalFigure(
        title=f"Strength over the average system, with {level_name(level)}s",
        axis="log-odds",
        left="below the average",
        right="above the average",
        rows=tuple(rows),
        no_effect=0.0,
        lowest=-0.5,
        highest=0.5,
    )
