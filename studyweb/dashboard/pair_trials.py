"""The completed trials of a pair of systems, with the current answers of each.

One query reads the answers; what is known of the advices is read once for each item (advice_facts.py), not once for
each answer, and every trial on an item points to it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from studyweb.dashboard.advice_facts import ItemFacts, item_facts
from studyweb.stats.ballots import Ballots, ballots_from_rows
from studyweb.stats.codes import preference_for_first, score_of_preference
from studyweb.studies.models import Study, System
from studyweb.trials.models import Answer, Trial
from studyweb.trials.selectors import current_answers

FIRST, SECOND = "first", "second"
GUESS_QUESTION = "heard_more"
READABLE = {"trial__advice_a__changes__isnull": False, "trial__advice_b__changes__isnull": False}
FIELDS = (
    *("trial_id", "step", "value", "participant_id", "trial__item__track_id"),
    *("trial__item_id", "trial__item__track__genre", "trial__advice_a__system_id"),
)


@dataclass(frozen=True)
class PairTrial:
    """One trial in which the two systems met."""

    participant: UUID
    track: int
    genre: str
    first_is_a: bool
    """Whether the pair's first system stood in slot A."""
    is_excluded: bool
    """Whether a declared rule leaves its participant out."""
    answers: dict[str, str] = field(default_factory=dict)
    """{question: value}, current revisions; free texts are left out."""
    item: int = 0
    """Key of the item: people who met the same one judged the same two advices."""
    facts: ItemFacts | None = None
    """Of the item and both advices."""

    def preference(self, question: str) -> int | None:
        """A choice as preference for the pair's first system, -2..2; None where it was not asked."""
        value = self.answers.get(question)
        return None if value is None else preference_for_first(value, first_is_a=self.first_is_a)

    def about(self, which: str, question: str) -> str | None:
        """The answer about the first or the second system's advice; None where it was not asked."""
        in_a = self.first_is_a == (which == FIRST)
        return self.answers.get(f"{question}.{'A' if in_a else 'B'}")


def pair_trials(study: Study, first: System, second: System, *, excluded: Collection[UUID]) -> list[PairTrial]:
    """Every completed scored trial of the pair that counts, oldest answer first.

    Where the study file excludes advice that cannot be read, trials with such an advice are left out.
    """
    readable = {} if study.plan["design"]["unreadable_advice"] == "counts" else READABLE
    return _trials(study, first, second, excluded=excluded, trial__role=Trial.Role.SCORED, **readable)


def check_trials(study: Study, kind: str) -> list[PairTrial]:
    """Every completed check of a kind, the system that should win first; people whom a rule leaves out are in it.

    Such a rule may rest on these very checks, and without those who failed them everybody would seem to hear well.
    """
    pairs = {tuple(check["pair"]) for check in study.plan["design"]["checks"] if check["kind"] == kind}
    systems = {system.key: system for system in study.systems.all()} if pairs else {}
    only = {"trial__role": Trial.Role.CHECK, "trial__check_kind": kind}
    return [
        trial
        for better, worse in sorted(pairs)
        for trial in _trials(study, systems[better], systems[worse], excluded=(), **only)
    ]


def repeat_trials(study: Study, first: System, second: System, *, excluded: Collection[UUID]) -> list[PairTrial]:
    """The completed repeats, sides swapped; participant and item say which scored trial each repeats."""
    readable = {} if study.plan["design"]["unreadable_advice"] == "counts" else READABLE
    return _trials(study, first, second, excluded=excluded, trial__role=Trial.Role.REPEAT, **readable)


def guess_trials(study: Study, first: System, second: System, *, excluded: Collection[UUID]) -> list[PairTrial]:
    """The last trials of those who were then asked which of the pair had heard more."""
    roles = (Trial.Role.SCORED, Trial.Role.REPEAT)
    return _trials(study, first, second, excluded=excluded, trial__role__in=roles, step=GUESS_QUESTION)


def _trials(study: Study, first: System, second: System, *, excluded: Collection[UUID], **only: Any) -> list[PairTrial]:
    answers = current_answers(study).filter(
        trial__completed_at__isnull=False,
        trial__advice_a__system__in=[first, second],
        trial__advice_b__system__in=[first, second],
        **only,
    )
    facts = item_facts(study, first, second)
    trials: dict[Any, PairTrial] = {}
    rows = answers.exclude(kind=Answer.Kind.TEXT).order_by("id").values_list(*FIELDS)
    for trial, step, value, participant, track, item, genre, system_a in rows.iterator(5_000):
        if trial not in trials:
            is_first_in_a, is_out = system_a == first.pk, participant in excluded
            trials[trial] = PairTrial(
                participant, track, genre or "other", is_first_in_a, is_out, item=item, facts=facts.get(item)
            )
        trials[trial].answers[step] = value
    return list(trials.values())


def chosen(trials: Sequence[PairTrial], question: str = "final_choice") -> list[PairTrial]:
    """The trials in which a choice was made."""
    return [trial for trial in trials if trial.preference(question) is not None]


def ballots_of(trials: Sequence[PairTrial], question: str = "final_choice") -> Ballots:
    """A row for each trial in which the choice was made, in the same order, scored for the pair's first system."""
    rows = chosen(trials, question)
    return ballots_from_rows(
        [score_of_preference(trial.preference(question) or 0) for trial in rows],
        [str(trial.participant) for trial in rows],
        [str(trial.track) for trial in rows],
        [trial.first_is_a for trial in rows],
    )
