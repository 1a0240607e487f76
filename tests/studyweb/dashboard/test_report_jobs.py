"""The report as a job: the same answers, the same job; withdrawn people take it along; files are served once made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studyweb.dashboard.report_jobs import request_report
from studyweb.export.outdated import report_folder
from studyweb.jobs.models import Job
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import body, researcher, run, small_study, somebody, unblinded, with_answers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_same_answers_are_one_job() -> None:
    study = small_study()
    somebody(study)
    study = unblinded(study)
    assert request_report(study).pk == request_report(study).pk
    assert Job.objects.filter(kind="report").count() == 1


def test_who_withdraws_takes_the_report_along(django_capture_on_commit_callbacks: Any) -> None:
    study = small_study()
    people = [somebody(study, with_answers(final_choice=choice)) for choice in ("a_slightly", "b_clearly")]
    study = unblinded(study)
    before = request_report(study)
    report_folder(before.pk).mkdir(parents=True)
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_and_erase(people[0])
    assert not report_folder(before.pk).exists()
    assert not Job.objects.filter(pk=before.pk).exists()
    assert request_report(study).key != before.key


def test_a_made_report_is_shown_with_its_files_and_replaces_the_one_before() -> None:
    study = small_study(simulated=True)
    somebody(study)
    somebody(study, with_answers(final_choice="a_slightly"))
    study = unblinded(study)
    old = Job.objects.create(kind="report", queue="cpu", key="old", study_id=study.pk, state="done")
    report_folder(old.pk).mkdir(parents=True)
    job = run(request_report(study))
    assert job.state == Job.State.DONE, job.error
    assert not Job.objects.filter(pk=old.pk).exists()
    assert not report_folder(old.pk).exists()
    client, address = researcher(study), f"/research/{study.slug}/results/"
    text = body(client, address)
    for shown in ("It describes what I hear", "Would you keep this change?", "What hearing changed", study.file_sha256):
        assert shown in text
    assert "it heard the answer, a ceiling" in text
    for name in ("report.pdf", "pair-1-preference.svg", "pair-1-preference.pdf", "pair-1-preference.screen.svg"):
        response = client.get(f"{address}{job.pk}/{name}?download")
        assert response.status_code == 200
        assert f'filename="{study.slug}-SIMULATED-{name}"' in response["Content-Disposition"]
    assert client.get(f"{address}{job.pk}/pair-9-nothing.svg").status_code == 404


def test_a_report_of_other_answers_is_no_longer_served(django_capture_on_commit_callbacks: Any) -> None:
    study = small_study()
    somebody(study)
    study = unblinded(study)
    job = request_report(study)
    (report_folder(job.pk)).mkdir(parents=True)
    (report_folder(job.pk) / "report.pdf").write_bytes(b"%PDF-")
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, key="of other answers")
    assert researcher(study).get(f"/research/{study.slug}/results/{job.pk}/report.pdf").status_code == 404


def test_a_failed_report_says_why_and_can_be_tried_again() -> None:
    study = unblinded(small_study())
    job = request_report(study)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error="the disk is full")
    client = researcher(study)
    assert "the disk is full" in body(client, f"/research/{study.slug}/results/")
    client.post(f"/research/{study.slug}/results/again/")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_the_page_waits_and_reloads_once_the_report_is_made() -> None:
    study = unblinded(small_study())
    client = researcher(study)
    assert "Waiting for a worker" in body(client, f"/research/{study.slug}/results/")
    waiting = client.get(f"/research/{study.slug}/results/progress/")
    Job.objects.filter(kind="report").update(state=Job.State.DONE, result={"report": {}})
    made = client.get(f"/research/{study.slug}/results/progress/")
    assert ("HX-Refresh" in waiting.headers, made.headers["HX-Refresh"]) == (False, "true")
