"""Coding advice by hand: blind, append-only, one's own list, and what is reported from it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from studyweb.coding.models import Coding, CodingList
from studyweb.coding.report import coder_progress, system_errors
from studyweb.coding.selectors import coded_texts, next_place, text_at
from studyweb.coding.services import CodingConflictError, draw_list, store_coding
from studyweb.export.rows import rows_of
from studyweb.export.scope import project_scope
from studyweb.studies.log import StudyRefusedError
from studyweb.studies.models import Advice, Study
from tests.factories import make_user
from tests.studyweb.answering import body, exported, read_archive, researcher, rows_in, small_study, somebody, unblinded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study() -> Study:
    return small_study()


@pytest.fixture
def mine(study: Study) -> CodingList:
    return draw_list(study, coder=study.owner)


def read_all(coding_list: CodingList, **wrong: float) -> None:
    """Code every text as the program read it, but where the baseline moved drums, as `wrong` says."""
    for sha256 in coding_list.texts:
        advice = Advice.objects.filter(item__study=coding_list.study, text_sha256=sha256)[0]
        changes = dict(advice.changes or {})
        if advice.system.key == "baseline" and "drums" in changes:
            changes = {**changes, **wrong}
        store_coding(coding_list, sha256, changes=changes, after_revision=0)


def test_the_order_is_random_stored_and_the_same_for_ever(study: Study, mine: CodingList) -> None:
    other = draw_list(study, coder=make_user())
    assert draw_list(study, coder=study.owner).texts == mine.texts
    assert sorted(mine.texts) == sorted(other.texts)
    assert mine.texts != other.texts or mine.seed != other.seed
    assert len(set(mine.texts)) == len(mine.texts)


def test_a_draft_is_refused_because_its_texts_may_change() -> None:
    draft = small_study(state="draft")
    with pytest.raises(StudyRefusedError, match="draft"):
        draw_list(draft, coder=draft.owner)


def test_a_correction_is_a_new_revision_and_the_old_one_stays(mine: CodingList) -> None:
    text = mine.texts[0]
    store_coding(mine, text, changes={"drums": -3.0, "bass": 0.0}, after_revision=0)
    store_coding(mine, text, changes=None, not_actionable="gives no direction", after_revision=1)
    assert [(each.revision, each.changes) for each in mine.codings.order_by("id")] == [(1, {"drums": -3.0}), (2, None)]
    assert coded_texts(mine)[text].not_actionable == "gives no direction"


def test_a_coding_that_does_not_follow_what_is_stored_is_refused(mine: CodingList) -> None:
    store_coding(mine, mine.texts[0], changes={}, after_revision=0)
    with pytest.raises(CodingConflictError):
        store_coding(mine, mine.texts[0], changes={"drums": 1.0}, after_revision=0)
    assert Coding.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "reason", "complaint"),
    [
        ({"drums": 0.3}, "", "steps of 0.5"),
        ({"drums": 12.5}, "", "up to 12"),
        ({"drums": float("nan")}, "", "steps of 0.5"),
        ({"cowbell": 1.0}, "", "unknown stem cowbell"),
        (None, " ", "the reason why"),
        ({}, "names no stem", "either gain changes or"),
    ],
)
def test_what_no_coding_can_be_is_refused(
    mine: CodingList, changes: dict[str, float] | None, reason: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        store_coding(mine, mine.texts[0], changes=changes, not_actionable=reason, after_revision=0)
    assert not Coding.objects.exists()


def test_the_pages_lead_through_every_text_and_name_no_system(study: Study) -> None:
    client = researcher(study)
    path = f"/research/{study.slug}/coding/"
    response = client.post(path)
    mine = CodingList.objects.get()
    for _ in mine.texts:
        page = body(client, response["Location"])
        for advice in Advice.objects.filter(item__study=study).select_related("system"):
            assert not re.search(rf'["/=>]{advice.system.key}\b', page)
            assert advice.system.label not in page.replace("All at 0: nothing to change", "")
            assert advice.public_id not in page
        response = client.post(response["Location"], {"revision": "0", "drums": "-1.5", "vocals": ""})
    assert response["Location"] == path
    assert {str(each.changes) for each in coded_texts(mine).values()} == {"{'drums': -1.5}"}
    assert next_place(mine) is None
    assert "Every text is coded." in body(client, path)


def test_not_actionable_needs_its_reason(study: Study, mine: CodingList) -> None:
    client, path = researcher(study), f"/research/{study.slug}/coding/1/"
    assert "This field is required." in client.post(path, {"revision": "0", "reason": " "}).content.decode()
    client.post(path, {"revision": "0", "reason": "names no stem"})
    coding = Coding.objects.get()
    assert (coding.changes, coding.not_actionable) == (None, "names no stem")


def test_a_page_that_is_behind_stores_nothing_and_says_so(study: Study, mine: CodingList) -> None:
    client, path = researcher(study), f"/research/{study.slug}/coding/1/"
    client.post(path, {"revision": "0", "drums": "1"})
    response = client.post(path, {"revision": "0", "drums": "2"}, follow=True)
    assert "coded again in the meantime" in response.content.decode()
    assert [each.changes for each in Coding.objects.all()] == [{"drums": 1.0}]


def test_somebody_elses_study_does_not_exist(study: Study, mine: CodingList) -> None:
    stranger = Client()
    stranger.force_login(make_user())
    for path in (f"/research/{study.slug}/coding/", f"/research/{study.slug}/coding/1/"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, {"revision": "0", "drums": "1"}).status_code == 404
        assert Client().get(path).status_code == 302
    assert not Coding.objects.exists()


def test_a_coder_sees_and_writes_only_their_own_list(study: Study, mine: CodingList) -> None:
    store_coding(mine, mine.texts[0], changes={"drums": -7.5}, after_revision=0)
    other = make_user()
    other.is_superuser = True
    other.save()
    client = Client()
    client.force_login(other)
    assert client.get(f"/research/{study.slug}/coding/1/").status_code == 404
    client.post(f"/research/{study.slug}/coding/")
    theirs = CodingList.objects.get(coder=other)
    shown = text_at(theirs, theirs.texts.index(mine.texts[0]) + 1)
    assert shown is not None
    assert shown.coding is None


def test_while_masked_there_are_counts_and_no_errors(study: Study, mine: CodingList) -> None:
    read_all(mine)
    assert [(each.coded, each.of) for each in coder_progress(study)] == [(len(mine.texts), len(mine.texts))]
    assert system_errors(study) == []
    page = body(researcher(study), f"/research/{study.slug}/coding/")
    assert "Differential" not in page
    assert "codings" not in str(read_archive(exported(study)).keys())


def test_errors_are_told_by_system_once_unblinded(study: Study, mine: CodingList) -> None:
    read_all(mine, drums=2.0)
    found = {each.system.key: each.error for each in system_errors(unblinded(study))}
    assert found["differential"].exact.value == 1.0
    assert found["baseline"].flipped.count > 0
    assert found["baseline"].n_advices == study.items.count()
    page = body(researcher(study), f"/research/{study.slug}/coding/")
    assert re.search(r"Baseline, mix alone</th><td class=\"number\">6, 6</td>", page)


def test_codings_are_exported_with_the_current_revision(study: Study, mine: CodingList) -> None:
    somebody(study)
    read_all(mine)
    store_coding(mine, mine.texts[0], changes=None, not_actionable="=names no stem", after_revision=1)
    done = unblinded(study)
    files = read_archive(exported(done))
    rows = rows_in(files["codings.csv"])
    assert len(rows) == Advice.objects.filter(item__study=study).count()
    changed = [row for row in rows if row["revision"] == "2"]
    assert {row["not_actionable"] for row in changed} == {"'=names no stem"}
    assert {row["coder"] for row in rows} == {"coder-1"}
    assert len(list(rows_of("codings", project_scope(done)))) == len(rows)
