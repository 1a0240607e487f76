"""Asking for an export, listing those of a study, and finding its file while it may be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.studies.models import Study, StudyLog
from studyweb.trials.models import Participant

KIND = "export"


@transaction.atomic
def request_export(study: Study, *, actor: str) -> Job:
    """Queue an archive of the study's data as they are now; logged, because a look is part of the record."""
    asked_at = timezone.now()
    job = enqueue(
        KIND,
        key=f"export:{study.pk}:{asked_at.isoformat()}",
        payload={"study": str(study.pk), "actor": actor, "masked": study.is_masked},
        study_id=study.pk,
    )
    StudyLog.objects.create(
        study=study, actor=actor, action="exported", detail={"job": str(job.pk), "masked": study.is_masked}
    )
    return job


def exports_of(study: Study) -> QuerySet[Job]:
    """The study's exports, newest first."""
    return Job.objects.filter(study_id=study.pk, kind=KIND).order_by("-created_at")


def archive_path(job_id: UUID) -> Path:
    """Where a job's archive lies."""
    return Path(settings.MEDIA_ROOT) / "exports" / f"{job_id}.zip"


def attempt_path(job: Job) -> Path:
    """Where one attempt of a job writes: an attempt that was given up must not reach the archive of the next one."""
    return archive_path(job.pk).with_name(f"{job.pk}.{job.attempt}.zip")


def withdrawals_of(study_id: UUID | str) -> int:
    """How many people have withdrawn from a study; it never falls, because a withdrawal is never undone."""
    return Participant.objects.filter(study_id=study_id, state=Participant.State.WITHDRAWN, is_test=False).count()


def is_current(job: Job, *, withdrawals: int | None = None) -> bool:
    """Whether an export is finished and nobody has withdrawn since its rows were read."""
    now = withdrawals_of(_study_of(job)) if withdrawals is None else withdrawals
    return job.state == Job.State.DONE and (job.result or {}).get("withdrawn") == now


def _study_of(job: Job) -> UUID:
    assert job.study_id is not None, "an export belongs to a study"
    return job.study_id


@dataclass(frozen=True)
class ListedExport:
    """One export in a list; `is_current` says whether it can be downloaded."""

    job: Job
    is_current: bool


def listed_exports(study: Study, *, limit: int = 50) -> list[ListedExport]:
    """The newest exports of a study."""
    withdrawals = withdrawals_of(study.pk)
    return [ListedExport(job, is_current(job, withdrawals=withdrawals)) for job in exports_of(study)[:limit]]


def find_archive(study: Study, job_id: UUID) -> tuple[Path, str] | None:
    """A finished export's file and its name for the reader; None where there is none, or none any more."""
    job = exports_of(study).filter(pk=job_id).first()
    path = archive_path(job_id)
    if job is None or not is_current(job) or not path.exists():
        return None
    return path, f"{study.slug}{'-SIMULATED' if study.is_simulated else ''}.zip"
