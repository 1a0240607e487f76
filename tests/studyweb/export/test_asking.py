"""Asking for exports on the page and by the API: which profile, and which comments were released."""

from __future__ import annotations

import pytest

from studyweb.export.services import comments_to_release, exports_of, find_archive, request_export
from studyweb.studies.models import Study
from tests.studyweb.answering import body, exported, researcher, small_study, somebody, unblinded, with_answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """One person with a comment on every trial, unblinded."""
    made = small_study()
    somebody(made, with_answers(comment="Nicely said."))
    return unblinded(made)


def test_the_page_offers_comments_to_read_and_releases_those_it_showed(study: Study) -> None:
    client = researcher(study)
    assert "Nicely said." in body(client, f"/research/{study.slug}/exports/")
    newest = comments_to_release(study)[-1].pk
    client.post(f"/research/{study.slug}/exports/make/", {"profile": "public", "release_comments": str(newest)})
    job = exports_of(study)[0]
    assert (job.payload["profile"], job.payload["comments_up_to"]) == ("public", newest)
    entry = study.log.order_by("-id")[0]
    assert (entry.action, entry.detail["profile"], entry.detail["comments_up_to"]) == ("exported", "public", newest)


def test_without_the_tick_no_comment_is_released(study: Study) -> None:
    researcher(study).post(f"/research/{study.slug}/exports/make/", {"profile": "public"})
    assert exports_of(study)[0].payload["comments_up_to"] == 0


def test_a_masked_study_offers_no_public_export_and_refuses_one() -> None:
    made = small_study()
    somebody(made, with_answers(comment="Nicely said."))
    client = researcher(made)
    page = body(client, f"/research/{made.slug}/exports/")
    assert "Make a public export" not in page
    assert "Nicely said." not in page
    answer = client.post(f"/research/{made.slug}/exports/make/", {"profile": "public"}, follow=True)
    assert "unblind the study first" in answer.content.decode()
    refused = client.post(f"/api/studies/{made.slug}/exports/", {"profile": "public"})
    assert refused.status_code == 400
    assert not exports_of(made)


def test_the_api_makes_either_profile_and_no_other(study: Study) -> None:
    client = researcher(study)
    path = f"/api/studies/{study.slug}/exports/"
    assert client.post(path, {"profile": "public"}).json()["profile"] == "public"
    assert client.post(path).json()["profile"] == "project"
    assert client.post(path, {"profile": "everything"}).status_code == 400
    with pytest.raises(ValueError, match="unknown profile"):
        request_export(study, actor="tester", profile="everything")  # type: ignore[arg-type]


def test_a_public_archive_says_so_in_its_name(study: Study) -> None:
    job = exported(study, profile="public")
    found = find_archive(study, job.pk)
    assert found is not None
    assert found[1] == f"{study.slug}-public.zip"
