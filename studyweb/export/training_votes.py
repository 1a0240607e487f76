"""The votes and judgements that may be trained with: of those who agreed, in completed scored trials."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from studyweb.export.current import current_rows
from studyweb.export.scope import Person, Scope
from studyweb.export.stored_text import as_key
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Answer, Trial

SPLITS = ("train", "test")
TEST_SHARE = 0.2
UNHELPFUL = "both_unhelpful"


class Vote(NamedTuple):
    """One current answer about a trial's advices."""

    person: Person
    split: str
    in_a: Advice
    in_b: Advice
    slot: str
    value: str
    received_text: str
    trial: str
    """The trial's key."""


@dataclass
class Tally:
    """What was chosen between two advices of an item, the first of the system that stands earlier in the study file."""

    for_first: int = 0
    for_second: int = 0
    ties: int = 0


@dataclass(frozen=True)
class TrainingData:
    """What may be trained with among an export's people."""

    scope: Scope
    people: frozenset[UUID]
    """Those who agreed to training and whom no declared rule leaves out."""
    splits: dict[int, str]
    """{track: its split}."""
    advices: dict[int, Advice] = field(repr=False)

    def choices(self) -> Iterator[Vote]:
        """Final choices, one after the other."""
        return self._votes(Q(step="final_choice"))

    def judgements(self) -> Iterator[Vote]:
        """Whether a change would be kept, yes or no; "partly" is neither."""
        return self._votes(Q(kind=Answer.Kind.KEEP, value__in=("yes", "no")))

    def unhelpful(self) -> frozenset[str]:
        """Trials in which no preference had the reason that both advices are unhelpful."""
        return frozenset(vote.trial for vote in self._votes(Q(step="no_preference_reason", value=UNHELPFUL)))

    def tallies(self) -> list[tuple[Advice, Advice, Tally]]:
        """The choices counted by item and pair of advices."""
        counted: dict[tuple[int, int], Tally] = {}
        for vote in self.choices():
            first_is_a = vote.in_a.system.position < vote.in_b.system.position
            keys = (vote.in_a.pk, vote.in_b.pk) if first_is_a else (vote.in_b.pk, vote.in_a.pk)
            tally = counted.setdefault(keys, Tally())
            preference = preference_for_first(vote.value, first_is_a=first_is_a)
            tally.for_first += preference > 0
            tally.for_second += preference < 0
            tally.ties += preference == 0
        return [
            (self.advices[first], self.advices[second], tally) for (first, second), tally in sorted(counted.items())
        ]

    def _votes(self, asked: Q) -> Iterator[Vote]:
        for some in self.scope.some_at_once():
            keys = [key for key in some if key in self.people]
            trials = self._trials(keys)
            rows = current_rows(keys, asked, "slot", "value", "received_text")
            for trial, _step, _revision, slot, value, received in rows:
                if trial in trials:
                    yield Vote(*trials[trial], slot, value, received, trial)

    def _trials(self, keys: Sequence[UUID]) -> dict[str, tuple[Person, str, Advice, Advice]]:
        trials = Trial.objects.filter(
            participant__in=keys, role=Trial.Role.SCORED, completed_at__isnull=False
        ).annotate(key=as_key("pk"))
        found: dict[str, tuple[Person, str, Advice, Advice]] = {}
        for key, person, a, b in trials.values_list("key", "participant_id", "advice_a_id", "advice_b_id"):
            in_a = self.advices[a]
            found[key] = (self.scope.people[person], self.splits[in_a.item.track_id], in_a, self.advices[b])
        return found


def training_data(scope: Scope) -> TrainingData:
    """What may be trained with among an export's people."""
    excluded = {exclusion.participant.pk for exclusion in exclusions_of(scope.study)}
    people = frozenset(pk for pk, person in scope.people.items() if person.may_train and pk not in excluded)
    advices = Advice.objects.filter(item__study=scope.study).select_related("item", "system")
    return TrainingData(scope, people, split_of_tracks(scope.study), {advice.pk: advice for advice in advices})


def split_of_tracks(study: Study) -> dict[int, str]:
    """{track: train or test} by the hash of its source, so that a song stands on the same side in every study.

    One song in five is for testing. Where all would stand on one side, the nearest crosses over.
    """
    placed: list[tuple[float, Any]] = [
        (_place(sha256), pk) for pk, sha256 in study.tracks.values_list("pk", "source_sha256")
    ]
    places = sorted({place for place, _ in placed})
    below = sum(place < TEST_SHARE for place in places)
    n_test = min(max(below, 1), len(places) - 1) if len(places) > 1 else 0
    for_testing = set(places[:n_test])
    return {pk: "test" if place in for_testing else "train" for place, pk in placed}


def _place(source_sha256: str) -> float:
    """Where a source falls between 0 and 1."""
    return int(hashlib.sha256(source_sha256.encode()).hexdigest()[:12], 16) / 16**12
