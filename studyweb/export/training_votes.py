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
from studyweb.export.stored_text import as_key, by_text
from studyweb.studies.models import Advice, Study
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Answer, Trial

SPLITS = ("train", "test")
TEST_SHARE = 0.2
CHOICE = "final_choice"
UNHELPFUL = ("no_preference_reason", "both_unhelpful")
ASKED = Q(step__in=(CHOICE, UNHELPFUL[0])) | Q(kind=Answer.Kind.KEEP)


class Vote(NamedTuple):
    """One current answer about a trial's advices."""

    person: Person
    split: str
    in_a: Advice
    in_b: Advice
    slot: str
    value: str
    received_text: str
    is_unhelpful: bool
    """Of no preference: whether the reason was that both advices are unhelpful."""


class Votes(NamedTuple):
    """Some people's votes."""

    choices: list[Vote]
    """Final choices."""
    judgements: list[Vote]
    """Whether a change would be kept, yes or no; "partly" is neither."""


@dataclass
class Tally:
    """What was chosen between two advices of an item, the first of the system that stands earlier in the study file."""

    for_first: int = 0
    for_second: int = 0
    ties: int = 0

    def count(self, preference: int) -> None:
        """One more choice, as preference for the first."""
        self.for_first += preference > 0
        self.for_second += preference < 0
        self.ties += preference == 0


@dataclass(frozen=True)
class TrainingData:
    """What may be trained with among an export's people."""

    scope: Scope
    people: frozenset[UUID]
    """Those who agreed to training and whom no declared rule leaves out."""
    splits: dict[int, str]
    """{track: its split}."""
    advices: dict[int, Advice] = field(repr=False)

    def votes(self) -> Iterator[Votes]:
        """All of them, read once, some people at a time."""
        for some in self.scope.some_at_once():
            keys = [key for key in some if key in self.people]
            trials = self._trials(keys)
            rows = current_rows(keys, ASKED, "slot", "value", "received_text", corrected=self.scope.corrected)
            unhelpful = {trial for trial, step, _, _, value, _ in rows if (step, value) == UNHELPFUL}
            choices: list[Vote] = []
            judgements: list[Vote] = []
            for trial, step, _, slot, value, received in rows:
                if trial in trials and (step == CHOICE or value in ("yes", "no")):
                    vote = Vote(*trials[trial], slot, value, received, trial in unhelpful)
                    (choices if step == CHOICE else judgements).append(vote)
            yield Votes(choices, judgements)

    def _trials(self, keys: Sequence[UUID]) -> dict[str, tuple[Person, str, Advice, Advice]]:
        trials = Trial.objects.filter(
            participant__in=keys, role=Trial.Role.SCORED, completed_at__isnull=False
        ).annotate(key=as_key("pk"), person_key=as_key("participant_id"))
        people = by_text(self.scope.people, keys)
        found: dict[str, tuple[Person, str, Advice, Advice]] = {}
        for key, person, a, b in trials.values_list("key", "person_key", "advice_a_id", "advice_b_id"):
            in_a = self.advices[a]
            found[key] = (people[person], self.splits[in_a.item.track_id], in_a, self.advices[b])
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
