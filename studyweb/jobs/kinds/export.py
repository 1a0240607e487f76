"""Exports: the study's tables in one archive, streamed from the database."""

from __future__ import annotations

from functools import partial
from typing import Any

from studyweb.export.archive import ExportRequest, ExportResult
from studyweb.export.rows import table_chunks
from studyweb.export.scope import project_scope, public_scope
from studyweb.export.services import archive_path, attempt_path, is_worth_a_process, withdrawals_of
from studyweb.export.training_rows import training_rows
from studyweb.export.training_votes import training_data
from studyweb.jobs.models import Job
from studyweb.studies.models import Study

QUEUE = "cpu"


def load(job: Job) -> ExportRequest:
    """What to write, for whom it was asked; masked as the study was then."""
    study, payload = Study.objects.get(pk=job.payload["study"]), job.payload
    withdrawn = withdrawals_of(study.pk)  # before anybody's data are looked at
    is_public = payload["profile"] == "public"
    scope = public_scope(study, comments_up_to=payload["comments_up_to"]) if is_public else project_scope(study)
    return ExportRequest(
        path=attempt_path(job),
        title=study.title,
        slug=study.slug,
        file_text=study.file_text,
        file_sha256=study.file_sha256,
        frozen_sha256=study.frozen_sha256,
        profile=scope.profile,
        masked=bool(payload["masked"]),
        is_simulated=study.is_simulated,
        withdrawn=withdrawn,
        n_left_out=scope.n_left_out,
        chunks=partial(table_chunks, scope=scope),
        training=None if payload["masked"] else partial(training_rows, training_data(scope)),
        in_parallel=is_worth_a_process(study),
    )


def store(job: Job, result: ExportResult) -> dict[str, Any]:
    """The archive's hash and row counts, shown beside the download; an archive that is outdated already goes.

    Only the attempt that holds the job gets here, so only its archive is put in place.
    """
    if result.withdrawn != withdrawals_of(job.payload["study"]):
        attempt_path(job).unlink(missing_ok=True)
    else:
        attempt_path(job).replace(archive_path(job.pk))
    return {"sha256": result.sha256, "rows": result.row_counts, "withdrawn": result.withdrawn}
