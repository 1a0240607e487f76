"""The sound check: headphone tests where headphones are declared; nobody is kept out unless the study says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Participant
from tests.browser.conftest import Complaints
from tests.browser.walking import check_sound, join, tell_background
from tests.factories import make_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TRIO_MS = 15_000


def test_a_headphone_score_goes_along_and_is_no_wall(
    page: Page, site: str, study: Study, complaints: Complaints
) -> None:
    join(page, site, study)
    tell_background(page)
    for name in ("antiphase", "huggins"):
        box = page.locator(f'[data-headphone-test="{name}"]')
        expect(box.get_by_role("button", name="The second")).to_be_disabled()
        box.get_by_role("button", name="Play the three").click()
        box.get_by_role("button", name="The second").click(timeout=TRIO_MS)
        expect(box.get_by_role("status")).to_have_text("5 to go")
    check_sound(page)
    setup = Participant.objects.get().setup
    assert {setup["antiphase"], setup["huggins"]} <= {"0/1", "1/1"}
    assert complaints.lines == []


def test_monitors_are_asked_for_no_headphone_test(page: Page, site: str, study: Study) -> None:
    join(page, site, study)
    tell_background(page, listening="Studio monitors or loudspeakers")
    expect(page.locator("[data-headphone-test]")).to_have_count(0)


def test_a_study_that_needs_headphones_says_so_and_lets_change(page: Page, site: str) -> None:
    study = make_study(recruitment={"target_participants": 4, "completion_url": "", "headphone_matches": 5})
    join(page, site, study)
    tell_background(page)
    page.get_by_role("button", name="To the practice passage").click()
    expect(page.get_by_role("alert")).to_contain_text("your better one had 0")
    page.get_by_role("link", name="Change how I listen").click()
    tell_background(page, listening="Studio monitors or loudspeakers")
    check_sound(page)
    assert Participant.objects.get().setup["listening"] == "monitors"


def test_a_browser_without_web_audio_is_told_before_it_is_asked_to_listen(page: Page, site: str, study: Study) -> None:
    page.add_init_script("Object.defineProperty(window, 'AudioContext', { value: undefined });")
    join(page, site, study)
    tell_background(page)
    expect(page.get_by_role("alert")).to_contain_text("cannot play the music")
    expect(page.get_by_role("button", name="To the practice passage")).to_be_hidden()
