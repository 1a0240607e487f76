"""When somebody withdraws, what was made with their answers goes: export archives and drawn figures."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from studyweb.export.services import KIND, archive_path, is_current
from studyweb.jobs.models import Job


def discard_outdated(study_id: UUID) -> None:
    """Delete a study's archives that hold somebody who has withdrawn, and its figures: they are drawn again.

    The rows of export jobs stay, so that the list says what became of them. Safe to call at any time.
    """
    for job in Job.objects.filter(study_id=study_id, kind=KIND).exclude(state=Job.State.RUNNING):
        if not is_current(job):
            for path in archive_path(job.pk).parent.glob(f"{job.pk}.*"):  # also what given-up attempts left behind
                path.unlink(missing_ok=True)
    figures = Job.objects.filter(study_id=study_id, kind="figure").exclude(state=Job.State.RUNNING)
    for job in figures:
        shutil.rmtree(figure_folder(job.pk), ignore_errors=True)
    figures.delete()


def figure_folder(job_id: UUID) -> Path:
    """Where a figure's files lie."""
    return Path(settings.MEDIA_ROOT) / "figures" / str(job_id)
