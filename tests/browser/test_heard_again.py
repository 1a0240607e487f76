"""A reload while hearing: what was heard stays heard, and is erased with everything else of the trial."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer
from tests.browser.test_forgetting import KEPT
from tests.browser.walking import arrive_at_trial, finish_trial, hear_all, read_and_go_on, wait_for_audio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_nobody_has_to_hear_again_after_a_reload(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    hear_all(page)
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    here = page.url
    page.reload()
    wait_for_audio(page)
    for version in ("problem", "A", "B"):
        expect(page.locator(f'[data-heard="{version}"]')).to_contain_text("heard")
    finish_trial(page, anyway=False)
    page.wait_for_url(lambda url: url != here)
    context = Answer.objects.get(step="final_choice").context
    assert context["gate_met"] is True
    assert context["switches"] == 3
    assert all(seconds >= 1 for seconds in context["heard_s"].values())
    assert page.evaluate(KEPT)["drafts"] == []


def test_the_next_trial_has_been_heard_by_nobody(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    hear_all(page)
    here = page.url
    finish_trial(page, anyway=False)
    page.wait_for_url(lambda url: url != here)
    wait_for_audio(page)
    read_and_go_on(page)
    expect(page.locator("[data-heard]").first).to_have_text("")
    expect(page.get_by_role("radio", name=re.compile("With A"))).to_be_visible()


def test_erasing_forgets_what_was_heard(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    page.get_by_role("button", name="Play").click()
    expect(page.locator('[data-heard="problem"]')).to_contain_text("heard")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(300)
    assert page.evaluate(KEPT)["drafts"][0]["seconds"]["problem"] >= 1
    page.goto(f"{site}/t/data/")
    page.get_by_label("Erase it.").check(force=True)
    page.get_by_label("Yes, I am sure.").check(force=True)
    page.get_by_role("button", name="Leave").click()
    page.wait_for_function("() => localStorage.getItem('mixtrial.volume_db') === null")
    assert page.evaluate(KEPT)["drafts"] == []
