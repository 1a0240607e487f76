"""Asking for an export, listing those of a study, and finding its file while it may be read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from studyweb.export.columns import PROFILES, Profile
from studyweb.export.scope import PUBLISH, has_agreed
from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.studies.log import StudyRefusedError, log_action
from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Participant
from studyweb.trials.selectors import counted_participants, current_answers

KIND = "export"
MANY = 50_000


@transaction.atomic
def request_export(study: Study, *, actor: str, profile: Profile = "project", comments_up_to: int = 0) -> Job:
    """Queue an archive of the study's data as they are now; logged, because a look is part of the record.

    Public archives hold free texts up to the answer `comments_up_to`, those that somebody has read and released; 0:
    none. Raises StudyRefusedError for a public one while the study is masked, ValueError for an unknown profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"unknown profile {profile!r}; there are {', '.join(PROFILES)}")
    if profile == "public" and study.is_masked:
        raise StudyRefusedError(["a public export tells which system wrote what; unblind the study first"])
    asked_at = timezone.now()
    asked = {"masked": study.is_masked, "profile": profile, "comments_up_to": comments_up_to}
    job = enqueue(
        KIND,
        key=f"export:{study.pk}:{asked_at.isoformat()}",
        payload={"study": str(study.pk), "actor": actor, **asked},
        study_id=study.pk,
    )
    log_action(study, actor=actor, action="exported", detail={"job": str(job.pk), **asked})
    return job


def is_worth_a_process(study: Study) -> bool:
    """Whether answers are so many that a second process pays, and are committed, so that it sees them."""
    if connection.in_atomic_block:
        return False
    return Answer.objects.filter(participant__study=study).order_by()[MANY:].exists()


def comments_to_release(study: Study, *, limit: int = 500) -> list[Answer]:
    """The oldest comments of those who agreed to publication: what has to be read before it is released."""
    people = [person for person in counted_participants(study) if has_agreed(person, PUBLISH)]
    comments = current_answers(study).filter(kind=Answer.Kind.TEXT, participant__in=people)
    return list(comments.exclude(value="").order_by("id")[:limit])


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
    parts = [study.slug, "SIMULATED" if study.is_simulated else "", "public" if is_public(job) else ""]
    return path, f"{'-'.join(part for part in parts if part)}.zip"


def is_public(job: Job) -> bool:
    """Whether an export is for everybody."""
    return job.payload.get("profile") == "public"
