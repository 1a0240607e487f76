"""The report of a study as a job, keyed by the state of its answers: calculated once, then only read."""

from __future__ import annotations

import hashlib
import json

from django.db import transaction
from django.db.models import Count, Max

from studyweb.dashboard.peeks import LOOKED
from studyweb.jobs.models import Job
from studyweb.jobs.queue import enqueue
from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Participant

KIND = "report"
REPORT_VERSION = 1
"""Raised whenever a report of the same answers would say or draw something else."""


def request_report(study: Study) -> Job:
    """The job that makes (or has made) the report of the study's answers as they are now."""
    with transaction.atomic():
        return enqueue(KIND, key=report_key(study), payload={"study": str(study.pk)}, study_id=study.pk)


def report_key(study: Study) -> str:
    """The same as long as nothing that the report rests on has changed."""
    answers = Answer.objects.filter(participant__study=study).aggregate(Count("pk"), Max("pk"))
    people = sorted(Participant.objects.filter(study=study).order_by().values_list("state").annotate(Count("pk")))
    state = [REPORT_VERSION, study.file_sha256, str(study.unblinded_at), answers, people, _looks(study)]
    return f"report:{study.pk}:{hashlib.sha256(json.dumps(state).encode()).hexdigest()}"


def _looks(study: Study) -> int:
    return study.log.filter(action=LOOKED).count()
