"""What a researcher may see at any time: preparation, participants, counts. Never an arm."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from studyweb.jobs.models import Job
from studyweb.studies.models import Study
from studyweb.studies.selectors import Preparation, preparation_of
from studyweb.trials.models import Participant, Trial
from studyweb.trials.selectors import counted_participants, current_answers

SHOWN_JOBS, SHOWN_PEOPLE = 8, 12
COMPLETED_TRIALS = Count("trials", filter=Q(trials__completed_at__isnull=False) & ~Q(trials__role=Trial.Role.PRACTICE))


@dataclass(frozen=True)
class LiveProgress:
    """Counts for the progress page."""

    preparation: Preparation
    running_jobs: tuple[Job, ...]
    participants_by_state: dict[str, int]
    participants_total: int
    target_participants: int
    trials_completed: int
    answers_stored: int
    completed_percent: int
    """Completed participants in per cent of the target, at most 100."""
    recent: tuple[Participant, ...]

    @property
    def is_moving(self) -> bool:
        """Whether the page should keep polling."""
        return bool(self.running_jobs) or not self.preparation.is_complete


def live_progress(study: Study) -> LiveProgress:
    """Everything the progress page shows, in a handful of queries."""
    participants = counted_participants(study)
    by_state = dict(participants.order_by().values_list("state").annotate(Count("pk")))
    target = int(study.plan.get("recruitment", {}).get("target_participants", 0))
    completed = int(by_state.get(Participant.State.COMPLETED, 0))
    trials = Trial.objects.filter(participant__in=participants, completed_at__isnull=False)
    return LiveProgress(
        preparation=preparation_of(study),
        running_jobs=tuple(
            Job.objects.filter(study_id=study.pk, state__in=(Job.State.QUEUED, Job.State.RUNNING)).order_by(
                "-state", "created_at"
            )[:SHOWN_JOBS]
        ),
        participants_by_state=by_state,
        participants_total=sum(by_state.values()),
        target_participants=target,
        trials_completed=trials.exclude(role=Trial.Role.PRACTICE).count(),
        answers_stored=current_answers(study).count(),
        completed_percent=min(100, round(100 * completed / target)) if target else 0,
        recent=tuple(participants.annotate(trials_completed=COMPLETED_TRIALS).order_by("-last_seen_at")[:SHOWN_PEOPLE]),
    )
