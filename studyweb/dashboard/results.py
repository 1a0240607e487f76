"""The results of a study: counts at any time; estimates only once it is unblinded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studyweb.stats.ballots import Ballots, ballots_from_rows
from studyweb.stats.codes import preference_for_first, score_of_preference
from studyweb.stats.preference import PreferenceEstimate, estimate_preference
from studyweb.stats.sides import SideReport, report_sides
from studyweb.stats.ties import TieReport, report_ties
from studyweb.stats.wording import preference_sentence
from studyweb.studies.models import Study, System
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Trial
from studyweb.trials.selectors import current_answers

PRIMARY_QUESTION = "final_choice"
READABLE = {"trial__advice_a__changes__isnull": False, "trial__advice_b__changes__isnull": False}


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
    ties: TieReport
    sides: SideReport
    subgroups: tuple[SubgroupResult, ...]
    sentence: str
    knowledge: str
    """What each system was trained on, shown and given as reference, in words (no claim from a hidden answer)."""


@dataclass(frozen=True)
class _Rows:
    ballots: Ballots
    genres: tuple[str, ...]
    kept: NDArray[np.bool_]
    """[n] whether no declared rule excludes the row's participant."""


def results_of(study: Study) -> tuple[PairResult, ...]:
    """Every declared pair's result, the primary first.

    Raises MaskedError until the study is unblinded.
    """
    if study.is_masked:
        raise MaskedError("results are masked until the study is unblinded")
    systems = {system.key: system for system in study.systems.all()}
    return tuple(_pair_result(study, systems[first], systems[second]) for first, second in declared_pairs(study))


def declared_pairs(study: Study) -> tuple[tuple[str, str], ...]:
    """The pairs of the study file, the primary first, each once."""
    analysis, design = study.plan["analysis"], study.plan["design"]
    pairs = [tuple(analysis["primary"]["pair"]), *(tuple(entry["pair"]) for entry in design["trials"])]
    return tuple(dict.fromkeys((str(first), str(second)) for first, second in pairs))


def _pair_result(study: Study, first: System, second: System) -> PairResult:
    analysis = study.plan["analysis"]
    estimand, level = analysis["primary"]["estimand"], float(analysis.get("level", 0.95))
    rows = _rows_of(study, first, second)
    ballots = rows.ballots.subset(rows.kept)
    estimate = estimate_preference(ballots, estimand=estimand, level=level)
    return PairResult(
        first=first,
        second=second,
        is_primary=[first.key, second.key] == list(analysis["primary"]["pair"]),
        estimate=estimate,
        ties=report_ties(ballots, level=level),
        sides=report_sides(ballots, level=level),
        subgroups=_subgroups(rows, level=level, estimand=estimand),
        sentence=preference_sentence(estimate, first=first.label, second=second.label),
        knowledge=f"{knowledge_of(first)} {knowledge_of(second)}",
    )


def _rows_of(study: Study, first: System, second: System) -> _Rows:
    """Final choices of completed scored trials in which the two systems met."""
    readable = {} if study.plan["design"]["unreadable_advice"] == "counts" else READABLE
    answers = (
        current_answers(study)
        .filter(
            **readable,
            step=PRIMARY_QUESTION,
            trial__role=Trial.Role.SCORED,
            trial__completed_at__isnull=False,
            trial__advice_a__system__in=[first, second],
            trial__advice_b__system__in=[first, second],
        )
        .order_by("id")
        .values_list(
            "value",
            "participant_id",
            "trial__item__track_id",
            "trial__advice_a__system_id",
            "trial__item__track__genre",
        )
    )
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(study)}
    scores, participants, tracks, sides, genres, kept = [], [], [], [], [], []
    for value, participant, track, system_a, genre in answers:
        first_is_a = system_a == first.pk
        scores.append(score_of_preference(preference_for_first(value, first_is_a=first_is_a)))
        participants.append(str(participant))
        tracks.append(str(track))
        sides.append(first_is_a)
        genres.append(genre or "other")
        kept.append(participant not in excluded)
    ballots = ballots_from_rows(scores, participants, tracks, sides)
    return _Rows(ballots, tuple(genres), np.asarray(kept, dtype=np.bool_))


def _subgroups(rows: _Rows, *, level: float, estimand: str) -> tuple[SubgroupResult, ...]:
    ballots, kept = rows.ballots, rows.kept
    genres = np.asarray(rows.genres, dtype=str)
    parts: list[tuple[str, Ballots]] = [
        ("shown as A", ballots.subset(kept & ballots.first_is_a)),
        ("shown as B", ballots.subset(kept & ~ballots.first_is_a)),
        *((genre, ballots.subset(kept & (genres == genre))) for genre in sorted(set(rows.genres))),
    ]
    if not kept.all():
        parts.append(("with excluded participants", ballots))
    return tuple(
        SubgroupResult(label, estimate_preference(part, level=level, estimand=estimand))  # type: ignore[arg-type]
        for label, part in parts
        if part.n_answers
    )


def knowledge_of(system: System) -> str:
    """One sentence on what a system was trained on, shown and given as reference."""
    if system.kind != System.Kind.MODEL:
        return f"{system.label} is {_article(system.get_kind_display())} system, not a model."
    reference = {
        "same_passage": "with the balanced version of the same passage as reference: it heard the answer, a ceiling",
        "other_passage": "with another passage of the song as reference",
        "previous_version": "with an approved earlier balance of the song as reference",
        "other_song": "with a finished song of the genre as reference",
        "none": "without a reference",
    }[system.reference_kind]
    return f"{system.label} was trained on {system.trained_on}, shown {system.shown}, {reference}."


def _article(word: str) -> str:
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word.lower()}"


def sentences_of(results: Sequence[PairResult]) -> tuple[str, ...]:
    """The plain sentences of all pairs."""
    return tuple(result.sentence for result in results)
