"""What may be counted: never test people, never the withdrawn, and of every answer its newest revision."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Participant, Trial


@dataclass(frozen=True)
class Progress:
    """Counts for a live page; nothing in it tells a system."""

    joined: int
    completed: int
    trials_completed: int
    answers: int


def counted_participants(study: Study) -> QuerySet[Participant]:
    """Participants that count: no previews or test people, nobody who withdrew."""
    return Participant.objects.filter(study=study, is_test=False).exclude(state=Participant.State.WITHDRAWN)


def current_answers(study: Study) -> QuerySet[Answer]:
    """The newest revision of every answer of participants that count."""
    return _counted_answers(study).filter(~Exists(_later_revision()))


def superseded_answers(study: Study) -> QuerySet[Answer]:
    """Answers of participants that count which a later revision replaced."""
    return _counted_answers(study).filter(Exists(_later_revision()))


def progress_of(study: Study) -> Progress:
    """How far the study is."""
    participants = counted_participants(study)
    return Progress(
        joined=participants.count(),
        completed=participants.filter(state=Participant.State.COMPLETED).count(),
        trials_completed=Trial.objects.filter(participant__in=participants, completed_at__isnull=False)
        .exclude(role=Trial.Role.PRACTICE)
        .count(),
        answers=current_answers(study).count(),
    )


def _counted_answers(study: Study) -> QuerySet[Answer]:
    counts = {"participant__study": study, "participant__is_test": False}
    return Answer.objects.filter(**counts).exclude(participant__state=Participant.State.WITHDRAWN)


def _later_revision() -> QuerySet[Answer]:
    return Answer.objects.filter(trial=OuterRef("trial"), step=OuterRef("step"), revision__gt=OuterRef("revision"))
