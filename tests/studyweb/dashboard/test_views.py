"""Researchers' pages: whose they are, what they offer in each state, what they show."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from studyweb.dashboard.report_jobs import request_report
from studyweb.export.outdated import report_folder
from studyweb.export.services import request_export
from studyweb.jobs.models import Job
from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Trial
from studyweb.trials.your_data import withdraw_and_erase
from tests.factories import make_study, make_user
from tests.studyweb.answering import body, exported, researcher, small_study, somebody, unblinded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def page(study: Study, name: str = "") -> str:
    return body(researcher(study), f"/research/{study.slug}/{name}")


def addresses(study: Study) -> Iterator[tuple[str, str]]:
    """(method, path) of everything that belongs to a study, a report's file and an export among it."""
    report = request_report(study)
    report_folder(report.pk).mkdir(parents=True)
    (report_folder(report.pk) / "pair-1-preference.svg").write_text("<svg/>")
    Job.objects.filter(pk=report.pk).update(state=Job.State.DONE)
    export = exported(study)
    page, api = f"/research/{study.slug}", f"/api/studies/{study.slug}"
    for name in ("", "progress/", "items/", "results/", "exports/", "exports/list/", "study.yaml"):
        yield "get", f"{page}/{name}"
    yield "get", f"{page}/results/progress/"
    yield "get", f"{page}/results/{report.pk}/pair-1-preference.svg"
    yield "get", f"{page}/exports/{export.pk}.zip"
    for name in ("", "progress/", "results/", "codebook/", "exports/", "answers.csv", f"exports/{export.pk}.zip"):
        yield "get", f"{api}/{name}"


def changes(study: Study) -> Iterator[tuple[str, str]]:
    """(method, path) of everything that changes a study."""
    for action in ("open", "close", "unblind", "retry"):
        yield "post", f"/research/{study.slug}/state/{action}/"
    yield "post", f"/research/{study.slug}/results/again/"
    yield "post", f"/research/{study.slug}/exports/make/"
    yield "post", f"/api/studies/{study.slug}/exports/"


def test_another_researcher_finds_nothing_and_changes_nothing() -> None:
    study = small_study()
    somebody(study)
    study = unblinded(study)
    owner, other = researcher(study), Client()
    other.force_login(make_user())
    for method, path in addresses(study):
        assert getattr(owner, method)(path).status_code == 200, path
        assert getattr(other, method)(path).status_code == 404, path
    before = (study.log.count(), Job.objects.count(), Answer.objects.count())
    for method, path in changes(study):
        assert getattr(other, method)(path, {"reason": "mine"}).status_code == 404, path
    assert (study.log.count(), Job.objects.count(), Answer.objects.count()) == before
    assert study.slug not in body(other, "/research/")
    assert study.slug not in body(other, "/api/studies/")


def test_a_job_of_one_study_is_not_found_under_another_of_the_same_owner() -> None:
    one = small_study()
    other = unblinded(small_study(owner=one.owner))
    export = exported(one)
    client = researcher(one)
    assert client.get(f"/research/{other.slug}/exports/{export.pk}.zip").status_code == 404
    assert client.get(f"/api/studies/{other.slug}/exports/{export.pk}.zip").status_code == 404
    assert client.get(f"/research/{other.slug}/results/{export.pk}/report.pdf").status_code == 404


@pytest.mark.parametrize("path", ["", "x/", "x/items/", "x/results/", "x/exports/", "x/study.yaml"])
def test_without_a_login_every_page_leads_to_it(client: Client, path: str) -> None:
    response = client.get(f"/research/{path}")
    assert response.status_code == 302
    assert response["Location"].startswith("/login/?next=/research/")


@pytest.mark.parametrize("path", ["progress/", "exports/list/", "results/progress/"])
def test_without_a_login_a_part_of_a_page_says_nothing_and_reloads_the_page(client: Client, path: str) -> None:
    response = client.get(f"/research/{small_study().slug}/{path}")
    assert (response.content, response["HX-Refresh"]) == (b"", "true")


def test_a_superuser_sees_every_study() -> None:
    study = small_study()
    client = Client()
    user = make_user()
    user.is_superuser = True
    user.save()
    client.force_login(user)
    assert study.slug in body(client, "/research/")
    assert client.get(f"/research/{study.slug}/").status_code == 200


def test_each_state_offers_its_next_step() -> None:
    study = small_study(state="draft")
    assert "state/open/" in page(study)
    Study.objects.filter(pk=study.pk).update(state="open")
    text = page(study)
    assert "state/close/" in text
    assert f"/join/{study.public_id}/" in text
    assert f"/join/{study.public_id}/?preview=1" in text
    client = researcher(study)
    client.post(f"/research/{study.slug}/state/close/")
    assert "state/unblind/" in page(study)
    client.post(f"/research/{study.slug}/state/unblind/", {"reason": "all places are filled"})
    text = page(study)
    assert "See the results" in text
    assert "all places are filled" in text


def test_the_study_page_says_how_long_the_participants_page_says_a_session_takes() -> None:
    study = small_study()
    promised = Client().get(f"/join/{study.public_id}/").context["minutes"]
    assert f"about {promised} minutes" in page(study)


def test_a_draft_that_is_not_prepared_cannot_be_opened_and_says_why() -> None:
    study = small_study(state="draft")
    study.items.update(stimulus_ready_at=None)
    assert "disabled" in page(study)
    response = researcher(study).post(f"/research/{study.slug}/state/open/", follow=True)
    assert "audio is ready for 0 of" in response.content.decode()
    study.refresh_from_db()
    assert study.state == Study.State.DRAFT


def test_unblinding_without_a_reason_is_refused() -> None:
    study = small_study(state="closed")
    response = researcher(study).post(f"/research/{study.slug}/state/unblind/", {"reason": " "}, follow=True)
    assert "needs a reason" in response.content.decode()
    study.refresh_from_db()
    assert study.is_masked


def test_failed_preparation_is_shown_and_can_be_tried_again() -> None:
    study = small_study(state="draft")
    job = Job.objects.create(kind="advice", queue="gpu", key="x", study_id=study.pk, state="failed", error="no weights")
    assert "no weights" in page(study)
    researcher(study).post(f"/research/{study.slug}/state/retry/")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_progress_counts_fall_when_somebody_withdraws() -> None:
    study = small_study()
    people = [somebody(study) for _ in range(2)]
    somebody(study, is_test=True)

    def counts() -> dict[str, Any]:
        return dict(researcher(study).get(f"/api/studies/{study.slug}/progress/").json())

    before = counts()
    assert (before["participants"], before["trials_completed"]) == ({"completed": 2}, 10)
    withdraw_and_erase(people[0])
    after = counts()
    assert (after["participants"], after["trials_completed"]) == ({"completed": 1}, 5)
    assert after["answers_stored"] == Answer.objects.filter(participant=people[1]).count() < before["answers_stored"]


def test_a_page_that_saw_another_state_is_reloaded() -> None:
    study = small_study()
    client = researcher(study)
    same = client.get(f"/research/{study.slug}/progress/?seen=open-True")
    other = client.get(f"/research/{study.slug}/progress/?seen=draft-False")
    assert ("HX-Refresh" in same.headers, "HX-Refresh" in other.headers) == (False, True)


def test_the_screen_the_export_and_the_statistics_count_the_same_people() -> None:
    study = small_study()
    for _ in range(3):
        somebody(study)
    withdraw_and_erase(study.participants.all()[1])
    study = unblinded(study)
    result = researcher(study).get(f"/api/studies/{study.slug}/results/").json()[0]
    export = exported(study)
    assert export.result is not None
    assert export.result["rows"]["participants"] == result["estimate"]["n_participants"] == 2
    finals = Answer.objects.filter(step="final_choice", trial__role=Trial.Role.SCORED, participant__state="completed")
    assert result["estimate"]["n_answers"] == finals.count()


def test_simulated_is_on_every_page_of_a_simulated_study() -> None:
    study = small_study(simulated=True)
    somebody(study)
    study = unblinded(study)
    for name in ("", "items/", "results/", "exports/"):
        assert "SIMULATED" in page(study, name), name
    job = exported(study)
    response = researcher(study).get(f"/research/{study.slug}/exports/{job.pk}.zip")
    assert f'filename="{study.slug}-SIMULATED.zip"' in response["Content-Disposition"]


def test_items_show_briefs_while_masked_and_everything_afterwards() -> None:
    study = small_study()
    text = page(study, "items/")
    assert "the vocals should lead" in text
    assert "Turn drums" not in text
    text = page(unblinded(study), "items/")
    assert "Turn drums by -3 dB." in text
    assert "drums −3 dB" in text
    assert "Differential, same passage" in text


def test_a_draft_shows_its_advice_so_that_it_can_be_checked() -> None:
    assert "Turn drums by -3 dB." in page(small_study(state="draft"), "items/")


def test_exports_can_be_asked_for_and_downloaded() -> None:
    study = small_study()
    client = researcher(study)
    client.post(f"/research/{study.slug}/exports/make/")
    job = Job.objects.get(kind="export")
    assert "queued" in page(study, "exports/").lower()
    assert client.get(f"/research/{study.slug}/exports/{job.pk}.zip").status_code == 404
    assert exported(study).state == Job.State.DONE
    assert f"/research/{study.slug}/exports/" in page(study, "exports/")
    assert study.log.filter(action="exported").count() == 2


def test_a_failed_export_says_why() -> None:
    study = small_study()
    job = request_export(study, actor="tester")
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error="the disk is full")
    assert "the disk is full" in page(study, "exports/")


def test_a_file_of_a_report_is_not_served_before_it_is_made() -> None:
    study = unblinded(small_study())
    job, client = request_report(study), researcher(study)
    for key in (job.pk, uuid.UUID(int=7)):
        assert client.get(f"/research/{study.slug}/results/{key}/report.pdf").status_code == 404


def test_the_study_file_is_given_back_as_it_was_written() -> None:
    study = make_study(items=6, audio=False)
    assert page(study, "study.yaml") == study.file_text
