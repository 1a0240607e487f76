"""The heartbeat keeps a lease while the work runs and stops the work when the lease is lost."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from studyweb.jobs import heartbeat as heartbeat_module
from studyweb.jobs.heartbeat import Heartbeat
from studyweb.jobs.models import Job
from studyweb.jobs.queue import LeaseLost, claim_job, enqueue
from studyweb.jobs.sweeper import sweep_jobs
from tests.servers.process import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("slow_kind")]

LEASE_S = 0.4


@pytest.fixture
def job() -> Job:
    """A claimed job with a short lease."""
    found = claim_job(enqueue("slow", key="one", payload={}).id, queues=(), worker="a test", lease_s=LEASE_S)
    assert found is not None
    return found


def take_away(job: Job) -> None:
    """As a sweeper and another worker would."""
    Job.objects.filter(pk=job.pk).update(attempt=job.attempt + 1)


def test_the_lease_outlives_its_length_while_work_goes_on(job: Job) -> None:
    until = timezone.now() + timedelta(seconds=3 * LEASE_S)
    with Heartbeat(job, lease_s=LEASE_S):
        while timezone.now() < until:
            assert sweep_jobs().requeued == 0
            time.sleep(LEASE_S / 8)


def test_progress_reaches_the_row(job: Job) -> None:
    with Heartbeat(job, lease_s=LEASE_S) as heartbeat:
        heartbeat.report(0.5, "half way")
        wait_until(lambda: Job.objects.get().message == "half way", what="the row shows progress")
    assert Job.objects.get().progress == 0.5


def test_work_that_reports_stops_when_the_lease_is_lost(job: Job) -> None:
    take_away(job)
    with pytest.raises(LeaseLost), Heartbeat(job, lease_s=LEASE_S) as heartbeat:
        wait_until(lambda: heartbeat.report(0.1, "on and on"), what="the report is refused")


def test_work_that_never_reports_is_interrupted(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat_module, "COOPERATIVE_S", 0.1)
    take_away(job)
    with pytest.raises(LeaseLost), Heartbeat(job, lease_s=LEASE_S):
        wait_until(lambda: False, what="the work is interrupted")


def test_nothing_is_interrupted_after_the_work(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat_module, "COOPERATIVE_S", 0.0)
    with Heartbeat(job, lease_s=LEASE_S):
        take_away(job)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]
