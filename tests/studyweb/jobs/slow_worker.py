"""The worker with the tests' slow kind added: `-m tests.studyweb.jobs.slow_worker --local`, or as a Celery app."""

from __future__ import annotations

import os
import sys

from django.conf import settings

from inference import worker
from studyweb.jobs.kinds import KIND_MODULES

KIND_MODULES["slow"] = "tests.studyweb.jobs.slow_work"
worker.FUNCTIONS["slow"] = "tests.studyweb.jobs.slow_work:work"
settings.CELERY_TASK_TIME_LIMIT = int(os.environ.get("SLOW_LIMIT_S", settings.CELERY_TASK_TIME_LIMIT))
app = worker.app

if __name__ == "__main__":
    sys.exit(worker.main(sys.argv[1:]))
