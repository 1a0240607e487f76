"""Queueing, claiming and finishing: the row is the truth, and only the attempt that holds it may write."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from studyweb.jobs.kinds import UnknownKindError
from studyweb.jobs.models import Job
from studyweb.jobs.queue import LeaseLost, beat, claim_job, enqueue, fail_job, finish_job, release_job, retry_job
from studyweb.jobs.sweeper import sweep_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("slow_kind")]

WORKER = "a test"


def queued(key: str = "one", **more: object) -> Job:
    return enqueue("slow", key=key, payload={}, **more)


def claimed(key: str = "one") -> Job:
    job = claim_job(queued(key).id, queues=(), worker=WORKER)
    assert job is not None
    return job


def let_lease_run_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def taken_by_another(job: Job) -> Job:
    """The job, after its lease ran out and another worker claimed it."""
    let_lease_run_out(job)
    sweep_jobs()
    other = claim_job(job.id, queues=(), worker="another")
    assert other is not None
    return other


def test_the_same_key_is_the_same_job() -> None:
    assert queued().id == queued().id
    assert Job.objects.count() == 1


def test_an_unknown_kind_is_refused_and_nothing_is_queued() -> None:
    with pytest.raises(UnknownKindError, match=r"unknown kind of job 'sing'; there are .*advice"):
        enqueue("sing", key="one", payload={})
    assert not Job.objects.exists()


def test_a_rolled_back_creation_leaves_no_job() -> None:
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_the_attempt_is_counted_before_the_work() -> None:
    claimed()
    assert Job.objects.get().attempt == 1


def test_a_claimed_job_cannot_be_claimed_again() -> None:
    job = claimed()
    assert claim_job(job.id, queues=(), worker="another") is None
    assert claim_job(queues=("cpu", "gpu"), worker="another") is None


def test_the_oldest_job_of_the_named_queues_comes_first() -> None:
    first, second = queued("first"), queued("second")
    Job.objects.filter(pk=first.pk).update(queue="gpu")
    assert claim_job(queues=("cpu",), worker=WORKER) == second
    assert claim_job(queues=("cpu", "gpu"), worker=WORKER) == first


def test_a_job_waits_for_its_time() -> None:
    queued("later", not_before=timezone.now() + timedelta(hours=1))
    assert claim_job(queues=("cpu",), worker=WORKER) is None
    Job.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert claim_job(queues=("cpu",), worker=WORKER) is not None


def test_result_and_state_are_stored_together() -> None:
    job = claimed()
    finish_job(job, lambda: {"group": Group.objects.create(name="result").pk})
    stored = Job.objects.get()
    assert (stored.state, stored.result) == ("done", {"group": Group.objects.get().pk})


def test_a_store_that_fails_leaves_neither_result_nor_state() -> None:
    def store() -> None:
        Group.objects.create(name="half")
        raise OSError("disk full")

    job = claimed()
    with pytest.raises(OSError, match="disk full"):
        finish_job(job, store)
    assert not Group.objects.exists()
    assert Job.objects.get().state == "running"


@pytest.mark.parametrize(
    "write",
    [
        lambda job: beat(job, 0.5, "still here"),
        lambda job: fail_job(job, "too late"),
        lambda job: release_job(job, "too late"),
        lambda job: finish_job(job, lambda: {"group": Group.objects.create(name="stale").pk}),
    ],
    ids=["beat", "fail", "release", "finish"],
)
def test_a_stale_attempt_may_write_nothing(write: object) -> None:
    stale = claimed()
    other = taken_by_another(stale)
    before = Job.objects.values().get()
    with pytest.raises(LeaseLost):
        write(stale)
    assert Job.objects.values().get() == before
    assert not Group.objects.exists()
    finish_job(other, dict)
    assert Job.objects.get().state == "done"


def test_a_beat_renews_the_lease_and_shows_progress() -> None:
    job = claimed()
    let_lease_run_out(job)
    beat(job, 0.25, "a quarter")
    stored = Job.objects.get()
    assert (stored.progress, stored.message) == (0.25, "a quarter")
    assert sweep_jobs().requeued == 0


def test_a_failure_is_tried_again_after_a_pause_until_no_attempt_is_left() -> None:
    job = claimed()
    for attempt in (1, 2, 3):
        fail_job(job, f"failure {attempt}")
        Job.objects.filter(state="queued").update(not_before=None)
        job = claim_job(job.id, queues=(), worker=WORKER) or job
    stored = Job.objects.get()
    assert (stored.state, stored.attempt, stored.error) == ("failed", 3, "failure 3")


def test_a_failed_attempt_makes_the_job_wait() -> None:
    fail_job(claimed(), "for now")
    stored = Job.objects.get()
    assert stored.state == "queued"
    assert stored.not_before is not None
    assert stored.not_before > timezone.now()


def test_bad_input_fails_at_once() -> None:
    fail_job(claimed(), "ValueError: no such track", may_retry=False)
    assert Job.objects.get().state == "failed"


def test_a_worker_stopped_in_good_order_uses_up_no_attempt() -> None:
    job = claimed()
    for _ in range(5):
        release_job(job, "the worker was stopped", counts=False)
        job = claim_job(job.id, queues=(), worker=WORKER) or job
    assert Job.objects.get().state == "running"


def test_a_failed_job_gets_a_fresh_set_of_attempts() -> None:
    job = claimed()
    fail_job(job, "no", may_retry=False)
    assert retry_job(job)
    assert not retry_job(job)
    for _ in range(2):
        fail_job(claim_job(job.id, queues=(), worker=WORKER) or job, "again")
        Job.objects.update(not_before=None)
    assert claim_job(job.id, queues=(), worker=WORKER) is not None


def test_the_sweeper_queues_a_job_whose_lease_ran_out() -> None:
    job = claimed()
    assert sweep_jobs().requeued == 0
    let_lease_run_out(job)
    assert sweep_jobs().requeued == 1
    assert Job.objects.get().state == "queued"


def test_the_sweeper_fails_a_job_that_lost_its_last_attempt_and_says_why() -> None:
    job = claimed()
    for _ in range(2):
        job = taken_by_another(job)
    let_lease_run_out(job)
    assert sweep_jobs().failed == 1
    stored = Job.objects.get()
    assert stored.state == "failed"
    assert stored.error == "the worker another stopped answering in attempt 3 of 3"
