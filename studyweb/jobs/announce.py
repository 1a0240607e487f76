"""Telling the broker that a job waits. Losing such a message is harmless: the sweeper sends it again."""

from __future__ import annotations

import logging
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from studyweb.celery import RUN_JOB, app
from studyweb.jobs.models import Job

log = logging.getLogger(__name__)


def announce_job(job_id: UUID, queue: str) -> bool:
    """Send the job's id to its queue; whether the broker took it. Without REDIS_URL nothing is sent.

    A broker that cannot be reached is logged, not raised: whoever queued the job has already committed it.
    """
    if not settings.REDIS_URL:
        return False
    try:
        app.send_task(RUN_JOB, args=[str(job_id)], queue=queue, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("job %s is stored but the broker did not take it (%s); the sweeper will send it", job_id, error)
        return False
    Job.objects.filter(id=job_id).update(announced_at=Now())
    return True
