"""The results of a study: counts at any time; estimates only once it is unblinded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studyweb.dashboard.criteria_results import Counts, CriterionResult, criteria_results, keep_counts, tie_reasons
from studyweb.dashboard.pair_trials import PairTrial, ballots_of, pair_trials
from studyweb.dashboard.sections.section import PairData
from studyweb.stats.clusters import Estimand
from studyweb.stats.flips import FlipReport, count_flips
from studyweb.stats.preference import PreferenceEstimate, estimate_preference
from studyweb.stats.sides import SideReport, report_sides
from studyweb.stats.ties import TieReport, report_ties
from studyweb.stats.wording import position_sentence, preference_sentence
from studyweb.studies.models import Study, System
from studyweb.studies.plan import declared_pairs
from studyweb.trials.exclusions import exclusions_of

PRIMARY_QUESTION = "final_choice"
FIRST_QUESTION = "first_choice"


class MaskedError(ValueError):
    """Results were asked for while the study is masked."""


@dataclass(frozen=True)
class SubgroupResult:
    """The estimate on part of a pair's trials, for the forest plot."""

    label: str
    estimate: PreferenceEstimate


@dataclass(frozen=True)
class PairResult:
    """All that is said about one pair of systems."""

    first: System
    second: System
    is_primary: bool
    estimate: PreferenceEstimate
    """As the study file's analysis plan declares it: ties as half, or left out."""
    with_ties: PreferenceEstimate
    """Ties as half, whatever the plan says."""
    ties: TieReport
    tie_reasons: dict[str, int]
    sides: SideReport
    flips: FlipReport
    criteria: tuple[CriterionResult, ...]
    keeps: Counts
    subgroups: tuple[SubgroupResult, ...]
    sentence: str
    position: str
    """A warning about sides, or empty."""
    knowledge: str
    """What each system was trained on, shown and given as reference, in words (no claim from a hidden answer)."""


def pair_data_of(study: Study) -> tuple[PairData, ...]:
    """Every declared pair's trials, the primary pair first."""
    systems = {system.key: system for system in study.systems.all()}
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    pairs = [(systems[first], systems[second]) for first, second in declared_pairs(study.plan)]
    trials = [pair_trials(study, first, second, excluded=excluded) for first, second in pairs]
    analysis = study.plan["analysis"]
    return tuple(
        PairData(
            study=study,
            first=first,
            second=second,
            trials=found,
            kept=[trial for trial in found if not trial.is_excluded],
            estimand=analysis["primary"]["estimand"],
            level=float(analysis["level"]),
        )
        for (first, second), found in zip(pairs, trials, strict=True)
    )


def results_of(study: Study) -> tuple[PairResult, ...]:
    """Every declared pair's result, the primary first.

    Raises MaskedError until the study is unblinded.
    """
    if study.is_masked:
        raise MaskedError("results are masked until the study is unblinded")
    return tuple(_pair_result(data) for data in pair_data_of(study))


def _pair_result(data: PairData) -> PairResult:
    study, first, second, trials, kept = data.study, data.first, data.second, data.trials, data.kept
    analysis = study.plan["analysis"]
    estimand, level, ties = data.estimand, data.level, str(analysis["ties"])
    ballots = ballots_of(kept)
    half = estimate_preference(ballots, estimand=estimand, level=level)
    tie_report = report_ties(ballots, estimand=estimand, level=level)
    estimate = tie_report.decided if ties == "excluded" else half
    sides = report_sides(ballots, estimand=estimand, level=level)
    return PairResult(
        first=first,
        second=second,
        is_primary={first.key, second.key} == set(analysis["primary"]["pair"]),
        estimate=estimate,
        with_ties=half,
        ties=tie_report,
        tie_reasons=tie_reasons(kept),
        sides=sides,
        flips=_flips(kept),
        criteria=criteria_results(study, kept, estimand=estimand, level=level),
        keeps=keep_counts(kept),
        subgroups=_subgroups(trials, kept, ties=ties, estimand=estimand, level=level),
        sentence=preference_sentence(estimate, first=first.label, second=second.label, ties=ties),
        position=position_sentence(sides),
        knowledge=f"{knowledge_of(first)} {knowledge_of(second)}",
    )


def _flips(trials: Sequence[PairTrial]) -> FlipReport:
    choices = [(trial.preference(FIRST_QUESTION), trial.preference(PRIMARY_QUESTION)) for trial in trials]
    return count_flips((first, final) for first, final in choices if first is not None and final is not None)


def _subgroups(
    trials: Sequence[PairTrial], kept: Sequence[PairTrial], *, ties: str, estimand: Estimand, level: float
) -> tuple[SubgroupResult, ...]:
    parts = [
        ("shown as A", [trial for trial in kept if trial.first_is_a]),
        ("shown as B", [trial for trial in kept if not trial.first_is_a]),
    ]
    genres = sorted({trial.genre for trial in kept})
    if len(genres) > 1:
        parts += [(genre, [trial for trial in kept if trial.genre == genre]) for genre in genres]
    if len(kept) < len(trials):
        parts.append(("with excluded participants", list(trials)))
    ballots = [(label, ballots_of(part)) for label, part in parts]
    if ties == "excluded":
        ballots = [(label, part.subset(part.score != 0.5)) for label, part in ballots]
    return tuple(
        SubgroupResult(label, estimate_preference(part, estimand=estimand, level=level))
        for label, part in ballots
        if part.n_answers
    )


def knowledge_of(system: System) -> str:
    """One sentence on what a system was trained on, shown and given as reference."""
    if system.kind != System.Kind.MODEL:
        return f"{system.label} is no model: {_KINDS[system.Kind(system.kind)]}."
    reference = {
        "same_passage": "with the balanced version of the same passage as reference: it heard the answer, a ceiling",
        "other_passage": "with another passage of the song as reference",
        "previous_version": "with an approved earlier balance of the song as reference",
        "other_song": "with a finished song of the genre as reference",
        "none": "without a reference",
    }[system.reference_kind]
    return f"{system.label} was trained on {system.trained_on}, shown {system.shown}, {reference}."


_KINDS = {
    System.Kind.ORACLE: "its advice is calculated from the balanced passage itself",
    System.Kind.CONSTANT: "it always says that there is nothing to change",
    System.Kind.SABOTAGED: "its advice is wrong on purpose",
    System.Kind.REPHRASED: "it says in other words what another system says",
    System.Kind.IMPORTED: "its advice was imported from elsewhere",
    System.Kind.HUMAN: "its advice was written by a person",
}
