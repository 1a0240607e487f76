"""Reports: everything the results page says, calculated, drawn and set once for each state of a study's answers."""

from __future__ import annotations

import shutil
from functools import partial
from typing import Any

from studyweb.dashboard.report_files import ReportRequest
from studyweb.dashboard.sections.report import report_of
from studyweb.export.outdated import report_folder
from studyweb.jobs.models import Job
from studyweb.studies.models import Study

QUEUE = "cpu"


def load(job: Job) -> ReportRequest:
    """What to calculate: the study's answers are read as the calculation goes."""
    study = Study.objects.get(pk=job.payload["study"])
    return ReportRequest(calculate=partial(report_of, study), folder=report_folder(job.pk))


def store(job: Job, result: dict[str, Any]) -> dict[str, Any]:
    """The report as the page shows it; earlier ones of the study go."""
    earlier = Job.objects.filter(kind=job.kind, study_id=job.study_id).exclude(pk=job.pk)
    for old in earlier.exclude(state=Job.State.RUNNING):
        shutil.rmtree(report_folder(old.pk), ignore_errors=True)
        old.delete()
    return {"report": result}
