"""The periodic task of the web side; Celery's beat sends it every few seconds."""

from __future__ import annotations

from studyweb.celery import SWEEP_JOBS, app
from studyweb.jobs.sweeper import sweep_jobs


@app.task(name=SWEEP_JOBS)  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Bring back jobs whose worker is gone, and announce again what was never picked up."""
    sweep_jobs()
