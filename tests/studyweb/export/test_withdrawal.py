"""Who withdraws is in no new export, and older ones end."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from studyweb.export.archive import write_archive
from studyweb.export.services import archive_path, find_archive, is_current, request_export
from studyweb.jobs.kinds import find_kind
from studyweb.jobs.models import Job
from studyweb.jobs.queue import LeaseLost, claim_job, finish_job
from studyweb.studies.models import Study
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import (
    exported,
    read_archive,
    researcher,
    rows_in,
    run,
    small_study,
    somebody,
    with_answers,
)

pytestmark = pytest.mark.django_db
SECRET = "only I would write this"


@pytest.fixture
def study() -> Study:
    """One person with a comment, one without, one who only previews."""
    made = small_study()
    somebody(made, with_answers(comment=SECRET))
    somebody(made)
    somebody(made, with_answers(comment=SECRET), is_test=True)
    return made


def test_withdrawn_and_test_people_are_in_no_file(study: Study) -> None:
    gone = study.participants.filter(is_test=False)[0]
    test_person = study.participants.get(is_test=True)
    before = {name: len(rows_in(text)) for name, text in read_archive(exported(study)).items() if name.endswith(".csv")}
    withdraw_and_erase(gone)
    withdraw_and_erase(test_person)
    files = read_archive(exported(study))
    for name, text in files.items():
        for word in (gone.public_id, test_person.public_id, SECRET, gone.completion_code):
            assert word not in text, name
    after = {name: len(rows_in(text)) for name, text in files.items() if name.endswith(".csv")}
    assert before["participants.csv"] - after["participants.csv"] == 1
    assert after["answers.csv"] * 2 + 4 + 1 == before["answers.csv"]  # the comments: four trials and a check
    assert [row["action"] for row in rows_in(files["looks.csv"])].count("withdrawn") == 1


def test_an_older_export_ends_and_its_file_goes(study: Study, django_capture_on_commit_callbacks: Any) -> None:
    old = exported(study)
    client = researcher(study)
    link = f"/research/{study.slug}/exports/{old.pk}.zip"
    assert client.get(link).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_and_erase(study.participants.filter(is_test=False)[0])
    assert not archive_path(old.pk).exists()
    assert client.get(link).status_code == 404
    assert "Somebody has withdrawn since" in client.get(f"/research/{study.slug}/exports/").content.decode()
    fresh = exported(study)
    assert client.get(f"/research/{study.slug}/exports/{fresh.pk}.zip").status_code == 200


def test_a_withdrawal_while_an_export_is_written_ends_that_export(study: Study) -> None:
    job = claim_job(request_export(study, actor="tester").pk, queues=(), worker="test")
    assert job is not None
    kind = find_kind("export")
    result = write_archive(kind.load(job), lambda _share, _message: None)
    withdraw_and_erase(study.participants.filter(is_test=False)[0])
    finish_job(job, lambda: kind.store(job, result))
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert not is_current(job)
    assert not archive_path(job.pk).exists()
    assert find_archive(study, job.pk) is None


def test_an_attempt_that_was_given_up_never_replaces_the_archive_of_the_next_one(study: Study) -> None:
    kind, gone = find_kind("export"), study.participants.filter(is_test=False)[0]
    first = claim_job(request_export(study, actor="tester").pk, queues=(), worker="slow")
    assert first is not None
    read_before = write_archive(kind.load(first), lambda _share, _message: None)
    Job.objects.filter(pk=first.pk).update(state=Job.State.QUEUED)  # its lease ran out
    withdraw_and_erase(gone)
    second = claim_job(first.pk, queues=(), worker="fast")
    assert second is not None
    result = write_archive(kind.load(second), lambda _share, _message: None)
    finish_job(second, lambda: kind.store(second, result))
    Path(read_before.path).touch()  # the first one's file comes late
    with pytest.raises(LeaseLost):
        finish_job(first, lambda: kind.store(first, read_before))
    path, _name = find_archive(study, first.pk) or pytest.fail("the second attempt's archive is there")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == result.sha256 != read_before.sha256
    assert Path(read_before.path) != path


def test_a_preview_that_is_withdrawn_ends_no_export(study: Study, django_capture_on_commit_callbacks: Any) -> None:
    job = run(request_export(study, actor="tester"))
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_and_erase(study.participants.get(is_test=True))
    assert find_archive(study, job.pk) is not None
