"""The own fix: faders by mouse or keyboard, heard at once, level-matched when let go, texts only afterwards."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer
from tests import factories
from tests.browser.conftest import Complaints
from tests.browser.walking import arrive_at_trial, go_on, read_and_go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def fix_study(site: str, longer_audio: None) -> Study:
    """One trial that begins with the own fix."""
    return factories.make_study(
        items=1,
        design={
            "trials": [{"pair": ["differential", "baseline"], "count": 1}],
            "repeats": 0,
            "checks": [],
            "practice": 0,
            "audition": {"mode": "own_fix", "solo": True, "gate_seconds": 1},
        },
    )


def test_faders_are_moved_by_keyboard_heard_and_stored_before_anything_is_read(
    page: Page, site: str, fix_study: Study, complaints: Complaints
) -> None:
    arrive_at_trial(page, site, fix_study)
    expect(page.locator("body")).to_have_attribute("data-step", "fix")
    expect(page.locator("#advices")).to_be_hidden()
    assert not any(advice.text in page.content() for item in fix_study.items.all() for advice in item.advices.all())
    drums = page.get_by_role("slider", name="drums")
    drums.focus()
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    expect(drums).to_have_attribute("aria-valuetext", "\N{MINUS SIGN}2.5 dB")
    expect(page.get_by_role("radio", name="With my fix")).to_be_checked()
    expect(page.locator("#own-trim")).to_contain_text("whole mix +")
    go_on(page)
    expect(page.locator("body")).to_have_attribute("data-step", "read")
    stored = Answer.objects.get(step="own_fix")
    assert json.loads(stored.value) == {"drums": -2.5, "bass": 0, "other": 0, "vocals": 0}
    expect(page.locator(".advice")).to_have_count(2)
    expect(page.get_by_role("radio", name="With my fix")).to_have_count(0)
    read_and_go_on(page)
    assert complaints.lines == []


def test_a_mix_may_be_left_as_it_is_and_positions_survive_a_reload(page: Page, site: str, fix_study: Study) -> None:
    arrive_at_trial(page, site, fix_study)
    expect(page.locator("#next")).to_have_attribute("aria-disabled", "true")
    page.get_by_role("slider", name="bass").fill("3.5")
    page.wait_for_timeout(300)
    page.reload()
    expect(page.get_by_role("slider", name="bass")).to_have_attribute("aria-valuetext", "+3.5 dB")
    page.get_by_role("button", name="I would leave it as it is").click()
    go_on(page)
    expect(page.locator("body")).to_have_attribute("data-step", "read")
    assert set(json.loads(Answer.objects.get(step="own_fix").value).values()) == {0}
