"""The results of a study: counts at any time; estimates only once it is unblinded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from studyweb.dashboard.criteria_results import Counts, CriterionResult, criteria_results, keep_counts, tie_reasons
from studyweb.dashboard.pair_trials import PairTrial, pair_trials
from studyweb.stats.ballots import Ballots, ballots_from_rows
from studyweb.stats.clusters import Estimand
from studyweb.stats.codes import score_of_preference
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


def results_of(study: Study) -> tuple[PairResult, ...]:
    """Every declared pair's result, the primary first.

    Raises MaskedError until the study is unblinded.
    """
    if study.is_masked:
        raise MaskedError("results are masked until the study is unblinded")
    systems = {system.key: system for system in study.systems.all()}
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    return tuple(
        _pair_result(study, first, second, pair_trials(study, first, second, excluded=excluded))
        for first, second in ((systems[first], systems[second]) for first, second in declared_pairs(study.plan))
    )


def _pair_result(study: Study, first: System, second: System, trials: Sequence[PairTrial]) -> PairResult:
    analysis = study.plan["analysis"]
    estimand: Estimand = analysis["primary"]["estimand"]
    level, ties = float(analysis["level"]), str(analysis["ties"])
    kept = [trial for trial in trials if not trial.is_excluded]
    ballots = _ballots(kept)
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


def _ballots(trials: Sequence[PairTrial]) -> Ballots:
    chosen = [(trial, preference) for trial in trials if (preference := trial.preference(PRIMARY_QUESTION)) is not None]
    return ballots_from_rows(
        [score_of_preference(preference) for _, preference in chosen],
        [str(trial.participant) for trial, _ in chosen],
        [str(trial.track) for trial, _ in chosen],
        [trial.first_is_a for trial, _ in chosen],
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
    ballots = [(label, _ballots(part)) for label, part in parts]
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
