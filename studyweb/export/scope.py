"""Whose data an export holds, and under which names and times.

Test people and withdrawn participants are left out here, in one place, so no export can hold them. A public export
holds only those who agreed to publication, under numbers of its own, without moments or rare backgrounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from studyweb.export.bands import banded
from studyweb.export.columns import Profile
from studyweb.export.current import Corrected, corrected_answers
from studyweb.export.stored_text import instant_of, moment_of
from studyweb.studies.models import Study, Track
from studyweb.trials.models import Participant
from studyweb.trials.selectors import counted_participants

PUBLISH = "publish_answers"
TRAIN = "train_models"
"""Keys of the consents that count here; a study whose file does not ask for one has it from nobody."""
AT_ONCE = 20
"""Participants whose rows are read together."""


@dataclass(frozen=True)
class Person:
    """A participant in an export."""

    pk: UUID
    name: str
    """The id that the export gives them."""
    consented_at: datetime
    may_train: bool
    background: Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """One export's people, in the order of its rows."""

    study: Study
    profile: Profile
    people: Mapping[UUID, Person] = field(repr=False)
    n_left_out: int
    """How many who count in the results did not agree to publication; 0 for a project export."""
    comments_up_to: int | None
    """Newest released comment, by answer; None: all of them. Public exports hold no other free text."""

    @cached_property
    def corrected(self) -> Corrected:
        """The newest revisions of corrected answers, found once."""
        return corrected_answers(self.study)

    @property
    def is_public(self) -> bool:
        """Whether this export is for everybody."""
        return self.profile == "public"

    def some_at_once(self) -> Iterator[list[UUID]]:
        """The keys of the people who still count, a few at a time, so that rows are read of nobody else."""
        keys = list(self.people)
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            still_there = set(counted_participants(self.study).filter(pk__in=some).values_list("pk", flat=True))
            yield [key for key in some if key in still_there]

    def trial_id(self, person: Person, *, public_id: str, position: int) -> str:
        """A trial's id: its own, or in public its place in the session."""
        return f"{person.name}-{position:02d}" if self.is_public else public_id

    def moment(self, at: datetime | None, *, since: datetime) -> datetime | float | None:
        """A moment, or in public how long it was after `since`, in seconds."""
        if at is None or not self.is_public:
            return at
        return (at - since).total_seconds()

    def stored_moments(self, texts: Iterable[str | None], *, since: Iterable[datetime]) -> list[str | float | None]:
        """`moment` of times as the database stores them; in project exports they stay text, ISO 8601 in UTC."""
        if not self.is_public:
            return [instant_of(text) for text in texts]
        moments = zip(map(moment_of, texts), since, strict=True)
        return [None if at is None else (at - start).total_seconds() for at, start in moments]

    def may_name(self, track: Track) -> bool:
        """Whether title, artist and credit may be told: in public only of what may be published."""
        return track.may_publish or not self.is_public


def project_scope(study: Study) -> Scope:
    """Everybody who counts, under their pseudonyms."""
    people = counted_participants(study).order_by("consented_at", "pk")
    return Scope(study, "project", _people(people, public=False), n_left_out=0, comments_up_to=None)


def public_scope(study: Study, *, comments_up_to: int = 0) -> Scope:
    """Those who agreed to publication, numbered in an order that has nothing to do with when they came."""
    counted = list(counted_participants(study).order_by("public_id"))
    agreed = [participant for participant in counted if has_agreed(participant, PUBLISH)]
    people = _people(agreed, public=True)
    return Scope(study, "public", people, n_left_out=len(counted) - len(agreed), comments_up_to=comments_up_to)


def has_agreed(participant: Participant, key: str) -> bool:
    """Whether somebody ticked a consent. Anything but a stored yes is a no."""
    return participant.consents.get(key) is True


def _people(participants: Sequence[Participant] | Any, *, public: bool) -> dict[UUID, Person]:
    found = list(participants)
    backgrounds = [participant.background for participant in found]
    shown = banded(backgrounds) if public else backgrounds
    return {
        participant.pk: Person(
            pk=participant.pk,
            name=f"p{number:04d}" if public else participant.public_id,
            consented_at=participant.consented_at,
            may_train=has_agreed(participant, TRAIN),
            background=background,
        )
        for number, (participant, background) in enumerate(zip(found, shown, strict=True), start=1)
    }
