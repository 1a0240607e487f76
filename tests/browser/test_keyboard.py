"""The trial by keyboard alone: every control is reached by Tab, and the shortcuts can be switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer
from tests.browser.walking import arrive_at_trial, read_and_go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MOST_TABS = 90


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is on a match."""
    for _ in range(MOST_TABS):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} is not reached by Tab", pytrace=False)


def choose_by_keyboard(page: Page, question: str) -> None:
    tab_to(page, f'[data-question="{question}"] input')
    page.keyboard.press("Space")


def test_a_trial_is_done_without_a_mouse(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    first = page.url
    tab_to(page, "#play")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    for question in ("first_choice", "describes.A", "describes.B", "tells.A", "tells.B"):
        choose_by_keyboard(page, question)
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-step", "hear")
    expect(page.locator("#step-title")).to_be_focused()
    tab_to(page, "#versions input")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name=re.compile("With A"))).to_be_checked()
    for question in ("final_choice", "keep.A", "keep.B", "improves.A", "improves.B", "want.A", "want.B"):
        choose_by_keyboard(page, question)
    tab_to(page, "#next")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first)
    assert Answer.objects.count() == 12


def test_shortcuts_switch_seek_and_loop(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name=re.compile("With B"))).to_be_checked()
    page.keyboard.press("o")
    expect(page.get_by_role("radio", name=re.compile("As sent"))).to_be_checked()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#seek")).to_have_attribute("aria-valuetext", "0:01.0 of 0:06.0")
    page.keyboard.press("[")
    expect(page.locator("#loop-start")).to_have_value("1.0")
    page.keyboard.press("\\")
    expect(page.locator("#loop-start")).to_have_value("0.0")


def test_shortcuts_stay_out_of_writing_and_can_be_switched_off(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    comment = page.get_by_label("Anything you want to add?")
    comment.press_sequentially("a b 3 ? [")
    expect(comment).to_have_value("a b 3 ? [")
    expect(page.get_by_role("radio", name=re.compile("As sent"))).to_be_checked()
    page.locator("#help-open").click()
    page.get_by_label("Shortcuts are on").uncheck(force=True)
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name=re.compile("As sent"))).to_be_checked()


def test_a_loop_is_set_without_dragging_and_has_four_seconds(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    page.locator("#loop-start").fill("1")
    page.locator("#loop-end").fill("2")
    page.keyboard.press("Tab")
    expect(page.locator("#loop-end")).to_have_value("5.0")
    expect(page.get_by_role("button", name="Whole")).to_be_visible()
