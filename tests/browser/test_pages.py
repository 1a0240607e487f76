"""Every participant page: no accessibility violation in either theme, nothing refused by the content policy, 320 px."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from studyweb.studies.models import Study
from studyweb.trials.models import Participant
from studyweb.trials.session import personal_secret
from tests.browser.conftest import Complaints
from tests.browser.walking import (
    arrive_at_trial,
    check_sound,
    go_on,
    join,
    read_and_go_on,
    tell_background,
    wait_for_audio,
)
from tests.factories import play_session, take_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW = {"width": 320, "height": 640}


@pytest.fixture(params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in one theme. The checker adds styles of its own, so the content policy is off here and tested below."""
    context = browser.new_context(color_scheme=request.param, bypass_csp=True)
    yield context.new_page()
    context.close()


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:160]}" for each in found for node in each["nodes"]]


def assert_good(page: Page) -> None:
    """Nothing for the checker to say, and no sideways scrolling at 320 px."""
    assert violations(page) == []
    wide = page.viewport_size
    page.set_viewport_size(NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert violations(page) == []
    page.set_viewport_size(wide or {"width": 1280, "height": 720})


def test_pages_before_the_trials_are_accessible(page: Page, site: str, study: Study) -> None:
    page.goto(f"{site}/join/{study.public_id}/")
    assert_good(page)
    page.get_by_role("button", name="Begin").click()
    assert_good(page)
    join(page, site, study)
    assert_good(page)
    page.get_by_role("button", name="Next: the sound").click()
    assert_good(page)
    tell_background(page)
    assert_good(page)


def test_the_trial_page_is_accessible_at_every_step(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    assert_good(page)
    page.locator("#help-open").click()
    assert violations(page) == []
    page.get_by_role("button", name="Close").click()
    read_and_go_on(page)
    page.keyboard.press("2")
    page.locator('[data-question="final_choice"] input[value="no_preference"]').check(force=True)
    go_on(page)
    assert_good(page)


def test_pages_after_the_trials_are_accessible(page: Page, site: str, study: Study) -> None:
    play_session(study)
    participant = Participant.objects.get()
    link = f"{site}/p/{personal_secret(participant)}/"
    page.goto(link)
    assert_good(page)
    page.get_by_role("button", name="Continue here").click()
    page.wait_for_url("**/t/thanks/")
    assert_good(page)
    page.goto(f"{site}/t/data/")
    assert_good(page)
    page.get_by_label("Erase it.").check(force=True)
    page.get_by_label("Yes, I am sure.").check(force=True)
    page.get_by_role("button", name="Withdraw").click()
    page.wait_for_url("**/t/withdrawn/")
    assert_good(page)


def test_closing_questions_and_leaving_are_accessible(page: Page, site: str, study: Study) -> None:
    page.goto(f"{site}/p/{personal_secret(take_part(study))}/")
    page.get_by_role("button", name="Continue here").click()
    page.wait_for_url("**/t/closing/")
    assert_good(page)
    page.goto(f"{site}/t/data/")
    page.get_by_label("Keep it.").check(force=True)
    page.get_by_label("Yes, I am sure.").check(force=True)
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("heading", name="You have left the study").wait_for()
    assert_good(page)
    page.goto(f"{site}/t/")
    assert_good(page)


def test_dead_ends_are_accessible(page: Page, site: str, study: Study) -> None:
    for path in ("/t/", "/p/unknown-secret/", "/join/unknown/", "/nowhere/", "/login/", "/t/phone/"):
        page.goto(f"{site}{path}")
        assert_good(page)
    page.goto(f"{site}/join/{study.public_id}/")
    Study.objects.update(state=Study.State.CLOSED)
    page.reload()
    assert_good(page)


@pytest.fixture
def strict_page(browser: Browser) -> Iterator[Page]:
    """A page with the content policy on."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_no_page_asks_for_what_the_content_policy_refuses(strict_page: Page, site: str, study: Study) -> None:
    heard = Complaints(expected=("403", "404"))
    strict_page.on("console", heard.hear)
    strict_page.on("pageerror", lambda error: heard.lines.append(str(error)))
    strict_page.goto(f"{site}/login/")
    strict_page.goto(f"{site}/t/")
    join(strict_page, site, study)
    tell_background(strict_page)
    check_sound(strict_page)
    wait_for_audio(strict_page)
    strict_page.locator("#help-open").click()
    strict_page.get_by_role("button", name="Close").click()
    read_and_go_on(strict_page)
    strict_page.goto(f"{site}/t/data/")
    strict_page.goto(f"{site}/t/phone/")
    assert heard.lines == []
    strict_page.close()


def test_the_checker_would_find_a_fault(page: Page, site: str) -> None:
    page.goto(f"{site}/login/")
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert any(line.startswith("button-name") for line in violations(page))
