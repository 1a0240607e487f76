"""Researchers' pages in Chromium: accessible in both themes, within the content policy, alive while things happen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from studyweb.dashboard.report_jobs import request_report
from studyweb.jobs.models import Job
from studyweb.studies.models import Study
from tests.browser.conftest import Complaints
from tests.browser.test_pages import assert_good
from tests.studyweb.answering import run, small_study, somebody, unblinded, with_answers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_study(site: str) -> Study:
    """Somebody has finished, somebody is under way."""
    study = small_study(exclusions=[{"rule": "failed_checks", "at_least": 1}])
    somebody(study)
    somebody(study, with_answers(final_choice="a_slightly"), trials=2)
    return study


@pytest.fixture(params=["light", "dark"])
def themed_page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in one theme. The checker adds styles of its own, so the content policy is off here and tested below."""
    context = browser.new_context(color_scheme=request.param, bypass_csp=True)
    yield context.new_page()
    context.close()


def log_in(page: Page, site: str, study: Study) -> None:
    """As the study's owner; ends on the list of studies."""
    page.goto(f"{site}/research/")
    page.get_by_label("User name").fill(study.owner.get_username())
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()


def pages_of(study: Study) -> list[str]:
    return [f"/research/{study.slug}/{name}" for name in ("", "items/", "planning/", "look/", "results/", "exports/")]


def preparing_study(owner: object) -> Study:
    """A draft with a running and a failed job."""
    study = small_study(state="draft", owner=owner)
    study.items.filter(position__gte=2).update(stimulus_ready_at=None)
    Job.objects.create(kind="advice", queue="gpu", key="running", study_id=study.pk, state="running", progress=0.4)
    Job.objects.create(kind="stimulus", queue="cpu", key="failed", study_id=study.pk, state="failed", error="no disk")
    return study


def test_pages_of_studies_in_every_state_are_accessible(themed_page: Page, site: str, open_study: Study) -> None:
    owner = open_study.owner
    masked = small_study(state="closed", owner=owner)
    log_in(themed_page, site, open_study)
    assert_good(themed_page)
    for path in (*pages_of(preparing_study(owner)), *pages_of(open_study), *pages_of(masked)):
        themed_page.goto(f"{site}{path}")
        assert_good(themed_page)


def test_unblinded_and_simulated_pages_are_accessible(themed_page: Page, site: str, open_study: Study) -> None:
    simulated = small_study(simulated=True, owner=open_study.owner)
    somebody(simulated)
    log_in(themed_page, site, open_study)
    for study in (unblinded(open_study), unblinded(simulated)):
        for path in pages_of(study):
            themed_page.goto(f"{site}{path}")
            assert_good(themed_page)


def test_a_report_is_accessible_and_its_paragraphs_are_copied(
    page: Page, themed_page: Page, site: str, open_study: Study
) -> None:
    study = unblinded(open_study)
    run(request_report(study))
    address = f"{site}/research/{study.slug}/results/"
    log_in(themed_page, site, study)
    themed_page.goto(address)
    expect(themed_page.get_by_role("heading", name="Preference", exact=True).first).to_be_visible()
    assert_good(themed_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, site, study)
    page.goto(address)
    page.get_by_role("button", name="Copy the method").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert study.file_sha256 in page.evaluate("navigator.clipboard.readText()")


def test_no_page_asks_for_what_the_content_policy_refuses(
    page: Page, site: str, open_study: Study, complaints: Complaints
) -> None:
    log_in(page, site, open_study)
    for path in (*pages_of(open_study), *pages_of(preparing_study(open_study.owner)), "/research/", "/api/docs/"):
        page.goto(f"{site}{path}", wait_until="networkidle")
    expect(page.locator(".opblock-summary-path").first).to_be_visible()
    assert complaints.lines == []


def test_the_participant_link_is_copied(page: Page, site: str, open_study: Study, complaints: Complaints) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, site, open_study)
    page.goto(f"{site}/research/{open_study.slug}/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}/join/{open_study.public_id}/"


def test_a_preview_leads_to_the_information_page_and_is_not_counted(page: Page, site: str, open_study: Study) -> None:
    log_in(page, site, open_study)
    page.goto(f"{site}/research/{open_study.slug}/")
    page.get_by_role("link", name="Preview as a participant").click()
    page.get_by_label("I want to take part.").check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/t/background/")
    assert open_study.participants.get(is_test=True)
    page.goto(f"{site}/research/{open_study.slug}/")
    expect(page.locator("#progress dd").first).to_have_text("2")


def test_from_open_to_results_by_clicking(page: Page, site: str, open_study: Study, complaints: Complaints) -> None:
    log_in(page, site, open_study)
    page.goto(f"{site}/research/{open_study.slug}/")
    page.get_by_label("I want to end data collection.").check(force=True)
    page.get_by_role("button", name="Close the study").click()
    expect(page.get_by_text("The study is closed.")).to_be_visible()
    page.get_by_role("button", name="Unblind").click()
    page.get_by_role("button", name="See the results").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run(Job.objects.get(kind="report"))
    picture = page.get_by_role("img", name="Preference rate, ties as half").first
    expect(picture).to_be_visible(timeout=15_000)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    assert complaints.lines == []


def test_an_export_appears_when_it_is_done(page: Page, site: str, open_study: Study, complaints: Complaints) -> None:
    log_in(page, site, open_study)
    page.goto(f"{site}/research/{open_study.slug}/exports/")
    page.get_by_role("button", name="Make an export now").click()
    expect(page.get_by_text("Queued")).to_be_visible()
    run(Job.objects.get(kind="export"))
    with page.expect_download() as download:
        page.get_by_role("link", name=f"{open_study.slug}.zip").click(timeout=15_000)
    assert download.value.suggested_filename == f"{open_study.slug}.zip"
    assert complaints.lines == []


def test_counts_move_while_people_answer(page: Page, site: str, open_study: Study) -> None:
    log_in(page, site, open_study)
    page.goto(f"{site}/research/{open_study.slug}/")
    expect(page.locator("#progress dd").first).to_have_text("2")
    somebody(open_study)
    expect(page.locator("#progress dd").first).to_have_text("3", timeout=15_000)


def test_a_draft_that_gets_ready_offers_to_open(page: Page, site: str, open_study: Study) -> None:
    draft = preparing_study(open_study.owner)
    log_in(page, site, open_study)
    page.goto(f"{site}/research/{draft.slug}/")
    expect(page.get_by_role("button", name="Open the study")).to_be_disabled()
    draft.items.update(stimulus_ready_at=draft.created_at)
    expect(page.get_by_role("button", name="Open the study")).to_be_enabled(timeout=15_000)
