"""Training rows that a second process makes are those that one process would make."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from studyweb.export import services
from studyweb.export.archive import ExportRequest, write_archive
from studyweb.export.services import is_worth_a_process, request_export
from studyweb.export.training_process import TrainingProcessError, training_in_parallel
from studyweb.jobs.kinds.export import load
from studyweb.jobs.queue import claim_job
from studyweb.studies.models import Study
from tests.studyweb.answering import small_study, somebody, unblinded
from tests.studyweb.export.unpacking import agree, mixed_minds


@pytest.fixture
def study(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Three people who agreed to all, in a database that other processes see too."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{connection.settings_dict['NAME']}")
    monkeypatch.setenv("MIXTRIAL_SECRET_KEY", "only for the process that this test starts, 50 letters long")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "studyweb.settings")  # those of tests name no database
    made = small_study(items=8, design={"trials": [{"pair": ["differential", "baseline"], "count": 8}]})
    for seed in range(3):
        agree(somebody(made, mixed_minds(seed)), publish_answers=True, train_models=True)
    return unblinded(made)


def _request(study: Study, profile: Any) -> ExportRequest:
    job = claim_job(request_export(study, actor="tester", profile=profile).pk, queues=(), worker="test")
    assert job is not None
    return load(job)


def _write(request: ExportRequest) -> dict[str, bytes]:
    with zipfile.ZipFile(write_archive(request, lambda _share, _message: None).path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("profile", ["project", "public"])
def test_two_processes_write_the_archive_that_one_writes(study: Study, profile: str) -> None:
    request = _request(study, profile)
    alone = _write(request)
    assert any(name.startswith("training/preference/") for name in alone)
    assert _write(replace(request, in_parallel=True)) == alone


def test_many_committed_answers_are_worth_a_process(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_worth_a_process(study)
    monkeypatch.setattr(services, "MANY", 10)
    assert is_worth_a_process(study)
    assert _request(study, "project").in_parallel


@pytest.mark.django_db
def test_what_is_not_committed_is_left_to_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    made = small_study()
    somebody(made)
    monkeypatch.setattr(services, "MANY", 1)
    assert not is_worth_a_process(made)


def broken_rows() -> Iterator[Any]:
    """Rows that cannot be read."""
    raise ValueError("the row is broken")


def test_a_process_that_fails_says_why(tmp_path: Path) -> None:
    with training_in_parallel(broken_rows, tmp_path) as wait, pytest.raises(TrainingProcessError, match="is broken"):
        wait()


def test_who_fails_meanwhile_does_not_wait_for_the_process(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), training_in_parallel(endless_rows, tmp_path):
        1 / 0  # noqa: B018


def endless_rows() -> Iterator[Any]:
    """Rows that never come."""
    sys.stdin.read()
    yield from ()
