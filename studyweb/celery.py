"""The Celery app. It sends `studyweb.run_job` by name with a job's id; the worker side is inference/worker.py.

Commands: `celery -A inference.worker worker -Q gpu -c 1`, `celery -A inference.worker worker -Q cpu`,
`celery -A studyweb.celery beat`.
"""

from __future__ import annotations

import os

from celery import Celery

RUN_JOB = "studyweb.run_job"
SWEEP_JOBS = "studyweb.sweep_jobs"

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyweb.settings")
app = Celery("studyweb")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["studyweb.jobs"])
