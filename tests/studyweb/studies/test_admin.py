"""The admin shows everything but arms, and changes nothing that is frozen."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client

from studyweb.jobs.models import Job
from studyweb.studies.models import Advice, Item, Study
from studyweb.studies.services import close_study, open_study, unblind_study
from tests.studyweb.studies.preparing import prepare

PAGES = ["study", "studylog", "system", "track", "item", "stemaudio", "advice"]


@pytest.fixture
def admin(owner: User) -> Client:
    """A browser that is logged in as a superuser."""
    root = User.objects.create_superuser("root", password="only for tests")
    client = Client()
    client.force_login(root)
    return client


@pytest.mark.parametrize("rows", [f"studies/{page}" for page in PAGES] + ["jobs/job"])
def test_every_list_and_every_row_can_be_looked_at(admin: Client, study: Study, rows: str) -> None:
    assert admin.get(f"/admin/{rows}/").status_code == 200
    row = apps.get_model(rows.replace("/", ".")).objects.first()
    if row is not None:
        assert admin.get(f"/admin/{rows}/{row.pk}/change/").status_code == 200


def test_what_was_done_to_a_passage_hides_from_the_opening_until_the_unblinding(admin: Client, study: Study) -> None:
    prepare(study)
    item = Item.objects.get(position=0)

    def shown() -> set[str]:
        page = admin.get(f"/admin/studies/item/{item.pk}/change/")
        fields = {name for fieldset in page.context["adminform"] for line in fieldset for name in line.fields}
        return {"recipe", "correction", "facts"} & fields

    assert len(shown()) == 3
    open_study(study, actor="a test")
    assert shown() == set()
    assert admin.get("/admin/studies/item/?correction__icontains=vocals").status_code == 400
    unblind_study(close_study(study, actor="a test"), actor="a test", reason="over")
    assert len(shown()) == 3


def test_arms_can_be_seen_in_a_draft_and_hide_until_the_unblinding(admin: Client, study: Study) -> None:
    prepare(study)
    advice = Advice.objects.get(item__position=0, system__key="oracle")
    job = Job.objects.filter(kind="advice").first()
    assert job is not None
    telling = [
        f"/admin/studies/advice/{advice.pk}/change/",
        f"/admin/studies/system/{advice.system_id}/change/",
        f"/admin/jobs/job/{job.pk}/change/",
    ]

    def visible() -> list[bool]:
        return [admin.get(address).status_code == 200 for address in telling]

    assert visible() == [True, True, True]
    open_study(study, actor="a test")
    assert visible() == [False, False, False]
    listed = admin.get("/admin/studies/advice/").content.decode() + admin.get("/admin/jobs/job/").content.decode()
    assert advice.text not in listed
    assert advice.public_id not in listed
    study = close_study(study, actor="a test")
    assert visible() == [False, False, False]
    unblind_study(study, actor="a test", reason="over")
    assert visible() == [True, True, True]


def test_a_drafts_title_can_be_mended_and_an_open_studys_cannot(admin: Client, study: Study, owner: User) -> None:
    address = f"/admin/studies/study/{study.pk}/change/"
    form = {"title": "Better words", "owner": owner.pk, "log-TOTAL_FORMS": 0, "log-INITIAL_FORMS": 0}
    assert admin.post(address, form).status_code == 302
    study.refresh_from_db()
    assert study.title == "Better words"
    open_study(prepare(study), actor="a test")
    admin.post(address, {**form, "title": "Too late"})
    study.refresh_from_db()
    assert study.title == "Better words"


def test_nothing_can_be_added_or_deleted_by_hand(admin: Client, study: Study) -> None:
    item = study.items.first()
    assert item is not None
    assert admin.get("/admin/studies/item/add/").status_code == 403
    assert admin.post(f"/admin/studies/item/{item.pk}/delete/", {"post": "yes"}).status_code == 403


def test_failed_jobs_can_be_tried_again(admin: Client, study: Study) -> None:
    job = Job.objects.filter(kind="advice").first()
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state="failed", error="no weights", attempt=1)
    admin.post("/admin/jobs/job/", {"action": "try_again", "_selected_action": [str(job.pk)]})
    job.refresh_from_db()
    assert (job.state, job.error) == ("queued", "")


@pytest.mark.parametrize("rows", [f"studies/{page}" for page in PAGES] + ["jobs/job"])
def test_staff_see_no_row_of_another_researchers_study(study: Study, owner: User, rows: str) -> None:
    prepare(study)
    row = apps.get_model(rows.replace("/", ".")).objects.first()
    assert row is not None
    colleague = User.objects.create_user("colleague", password="only for tests", is_staff=True)
    colleague.user_permissions.set(Permission.objects.all())
    owner.is_staff = True
    owner.save()
    owner.user_permissions.set(Permission.objects.all())
    answers = {}
    for person in (owner, colleague):
        client = Client()
        client.force_login(person)
        answers[person.username] = client.get(f"/admin/{rows}/{row.pk}/change/").status_code
    assert answers == {owner.username: 200, "colleague": 302}  # Django leads away from a row that is not there
