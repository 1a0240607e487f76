"""When somebody withdraws, what was made with their answers goes: export archives and reports."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from studyweb.export.services import KIND, archive_path, is_current
from studyweb.jobs.models import Job


def discard_outdated(study_id: UUID) -> None:
    """Delete a study's archives that hold somebody who has withdrawn, and its reports: they are made again.

    The rows of export jobs stay, so that the list says what became of them. Safe to call at any time.
    """
    for job in Job.objects.filter(study_id=study_id, kind=KIND).exclude(state=Job.State.RUNNING):
        if not is_current(job):
            for path in archive_path(job.pk).parent.glob(f"{job.pk}.*"):  # also what given-up attempts left behind
                path.unlink(missing_ok=True)
    reports = Job.objects.filter(study_id=study_id, kind="report").exclude(state=Job.State.RUNNING)
    for job in reports:
        shutil.rmtree(report_folder(job.pk), ignore_errors=True)
    reports.delete()


def report_folder(job_id: UUID) -> Path:
    """Where a report's files lie."""
    return Path(settings.MEDIA_ROOT) / "reports" / str(job_id)
