"""What pages and commands read about a study and its preparation."""

from __future__ import annotations

from dataclasses import dataclass

from studyweb.jobs.models import Job
from studyweb.studies.advices import wanted_advice
from studyweb.studies.models import Advice, Item, Study, System, Track
from studyweb.studies.plan import DELIVERED_KINDS


@dataclass(frozen=True)
class Preparation:
    """How far a study's material is."""

    advices_ready: int
    advices_total: int
    stimuli_ready: int
    stimuli_total: int
    failed: list[Job]
    """Failed jobs of the study, oldest first; `retry_job` gives one another chance."""

    @property
    def is_complete(self) -> bool:
        """Whether every advice and every stimulus is there."""
        return self.advices_ready == self.advices_total and self.stimuli_ready == self.stimuli_total


@dataclass(frozen=True)
class WaitingAdvice:
    """An advice that someone still has to deliver."""

    item: Item
    system: System


def preparation_of(study: Study) -> Preparation:
    """How many advices and stimuli are ready, out of how many, and what failed."""
    wanted = {(item.pk, system.pk) for item, system in wanted_advice(study)}
    return Preparation(
        advices_ready=len(wanted & _stored_advice(study)),
        advices_total=len(wanted),
        stimuli_ready=study.items.filter(stimulus_ready_at__isnull=False).count(),
        stimuli_total=study.items.count(),
        failed=list(Job.objects.filter(study_id=study.pk, state=Job.State.FAILED, kind__in=("advice", "stimulus"))),
    )


def waiting_for_delivery(study: Study) -> list[WaitingAdvice]:
    """Advice of imported and human systems that is not there yet."""
    stored = _stored_advice(study)
    return [
        WaitingAdvice(item, system)
        for item, system in wanted_advice(study)
        if system.kind in DELIVERED_KINDS and (item.pk, system.pk) not in stored
    ]


def restricted_tracks(study: Study) -> list[Track]:
    """Tracks whose licence does not allow that participants hear them."""
    return list(study.tracks.filter(may_serve=False))


def _stored_advice(study: Study) -> set[tuple[int, int]]:
    return set(Advice.objects.filter(item__study=study).values_list("item_id", "system_id"))
