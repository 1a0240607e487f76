"""Asking for an export, and listing those of a study."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.studies.models import Study, StudyLog


@transaction.atomic
def request_export(study: Study, *, actor: str) -> Job:
    """Queue an archive of the study's data as they are now; logged, because a look is part of the record."""
    asked_at = timezone.now()
    job = enqueue(
        "export",
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
    return Job.objects.filter(study_id=study.pk, kind="export").order_by("-created_at")
