"""The completed scored trials of a pair of systems, with the current answers of each, read in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Study, System
from studyweb.trials.models import Answer, Trial
from studyweb.trials.selectors import current_answers

FIRST, SECOND = "first", "second"
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
    answers = current_answers(study).filter(
        **readable,
        trial__role=Trial.Role.SCORED,
        trial__completed_at__isnull=False,
        trial__advice_a__system__in=[first, second],
        trial__advice_b__system__in=[first, second],
    )
    trials: dict[Any, PairTrial] = {}
    rows = answers.exclude(kind=Answer.Kind.TEXT).order_by("id").values_list(*FIELDS)
    for trial, step, value, participant, track, item, genre, system_a in rows.iterator(5_000):
        if trial not in trials:
            is_first_in_a, is_out = system_a == first.pk, participant in excluded
            trials[trial] = PairTrial(participant, track, genre or "other", is_first_in_a, is_out, item=item)
        trials[trial].answers[step] = value
    return list(trials.values())
