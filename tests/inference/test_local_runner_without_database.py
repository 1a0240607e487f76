"""A database that does not answer for a moment does not end the runner: leases bring its jobs back."""

from __future__ import annotations

import multiprocessing
import uuid
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection

from inference.local_runner import Child, nothing_left, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def locked_database() -> Iterator[None]:
    """Every query fails as SQLite's do while another process holds the lock for too long."""

    def refuse(*_args: object) -> None:
        raise OperationalError("database is locked")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.usefixtures("locked_database")
def test_nothing_is_taken_for_done_while_the_database_cannot_say() -> None:
    assert nothing_left(("cpu",)) is False


@pytest.mark.usefixtures("locked_database")
def test_a_child_that_died_is_noticed_though_its_job_cannot_be_released() -> None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=int)
    process.start()
    process.join()
    theirs.close()
    assert watch(Child(process, ours, job=(uuid.uuid4(), 1))) is None
