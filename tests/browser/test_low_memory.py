"""Where memory is short, versions come mixed beforehand: the same trial, without solo."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer
from tests.browser.conftest import Complaints
from tests.browser.walking import arrive_at_trial, finish_trial, hear_all, read_and_go_on, wait_for_audio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LITTLE_MEMORY = "Object.defineProperty(Navigator.prototype, 'deviceMemory', { get: () => 0.01 });"
DECODED = """
window.decoded = [];
const decode = BaseAudioContext.prototype.decodeAudioData;
BaseAudioContext.prototype.decodeAudioData = async function (file) {
  const buffer = await decode.call(this, file);
  window.decoded.push(new WeakRef(buffer));
  return buffer;
};
"""


@pytest.fixture
def small_computer(page: Page) -> Page:
    """A page of a browser that says it has little memory."""
    page.add_init_script(LITTLE_MEMORY)
    page.add_init_script(DECODED)
    return page


def test_a_trial_is_heard_from_mixes_and_says_so(
    small_computer: Page, site: str, study: Study, complaints: Complaints
) -> None:
    page = small_computer
    arrive_at_trial(page, site, study)
    here = page.url
    expect(page.locator("#stems")).to_contain_text("single stems cannot be heard alone")
    expect(page.locator("#stems button")).to_have_count(0)
    read_and_go_on(page)
    expect(page.get_by_role("radio", name=re.compile("With A"))).to_be_visible()
    hear_all(page)
    page.locator("#loop-start").fill("1")
    page.locator("#loop-end").fill("5")
    page.keyboard.press("Tab")
    expect(page.locator("#loop-difference")).to_contain_text("LU")
    finish_trial(page, anyway=False)
    page.wait_for_url(lambda url: url != here)
    heard = Answer.objects.get(step="final_choice").context
    assert heard["premixed"] is True
    assert heard["gate_met"] is True
    assert set(heard["loop_difference_lu"]) == {"A", "B"}
    assert complaints.lines == []


def test_a_reload_while_hearing_mixes_all_versions_at_once(small_computer: Page, site: str, study: Study) -> None:
    page = small_computer
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    expect(page.get_by_role("radio", name=re.compile("With B"))).to_be_visible()
    page.reload()
    wait_for_audio(page)
    hear_all(page)
    assert page.evaluate("window.decoded.length") == 4
