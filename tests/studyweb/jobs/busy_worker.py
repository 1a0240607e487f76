"""A process that claims and finishes jobs as fast as it can: `python -m tests.studyweb.jobs.busy_worker NAME`."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyweb.settings")
django.setup()

from django.contrib.auth.models import Group  # noqa: E402

from studyweb.jobs.queue import beat, claim_job, finish_job  # noqa: E402


def main(name: str) -> None:
    """Work until nothing is left."""
    while (job := claim_job(queues=("cpu",), worker=name)) is not None:
        beat(job, 0.5, "half way")
        finish_job(job, lambda key=job.key: {"group": Group.objects.create(name=f"{key} by {name}").pk})  # type: ignore[misc]


if __name__ == "__main__":
    main(sys.argv[1])
