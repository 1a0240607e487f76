"""Answers that the server takes no more: the page says why and what now, and never that they are saved."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Participant
from tests.browser.test_forgetting import KEPT
from tests.browser.walking import answer_all, arrive_at_trial, go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def expect_not_taken(page: Page, reason: str) -> None:
    expect(page.locator("#notices")).to_contain_text(reason)
    expect(page.locator("#save-status")).to_have_text("Not taken")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "refused")
    assert Answer.objects.count() == 0


def test_a_study_closed_meanwhile_takes_nothing_and_says_so(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    Study.objects.update(state=Study.State.CLOSED)
    answer_all(page)
    go_on(page)
    expect_not_taken(page, "This study is closed; it takes no more answers.")
    page.get_by_role("link", name="See how it goes on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("closed", re.IGNORECASE))


def test_a_session_withdrawn_meanwhile_keeps_nothing_in_the_browser(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    answer_all(page)
    Participant.objects.update(state=Participant.State.WITHDRAWN)
    go_on(page)
    expect_not_taken(page, "This session was withdrawn.")
    page.locator("#questions input[type=radio]").first.check(force=True)
    page.wait_for_timeout(200)
    assert page.evaluate(KEPT) == {"outbox": [], "drafts": []}
    expect(page.get_by_role("link", name="See how it goes on")).to_have_attribute("href", "/t/")
