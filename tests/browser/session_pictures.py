"""Pictures of a whole session for docs/a-session.md: `python -m tests.browser.session_pictures docs/images/session`.

Every step in the light and the dark theme and at a phone's width, from the real pages of a study made here.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.bench.trial_site import live_study
from tests.browser.walking import answer_all, finish_trial, go_on, tell_background, wait_for_audio
from tests.conftest import BROWSER_FLAGS
from tests.servers.find import find_chromium

QUALITY = 45
TALLEST = 2_400
PHONE_AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126 Mobile Safari/537.36"
STEP_MS = 60_000


@dataclass(frozen=True)
class Look:
    """How a session is looked at: theme and window."""

    name: str
    theme: str
    width: int
    height: int


LOOKS = (Look("light", "light", 1080, 760), Look("dark", "dark", 1080, 760), Look("phone", "light", 390, 780))


def main(folder: Path) -> None:
    """Walk one session for each look and write its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with live_study("short") as (site, study), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=BROWSER_FLAGS)
        for look in LOOKS:
            page = _new_page(browser, look)
            walk(page, f"{site}/join/{study}/", _camera(page, folder, look))
            page.context.close()
        _phone_page(browser, f"{site}/join/{study}/", folder)
        browser.close()


def _new_page(browser: Browser, look: Look, **more: str) -> Page:
    size = {"width": look.width, "height": look.height}
    page = browser.new_context(color_scheme=look.theme, viewport=size, **more).new_page()
    page.set_default_timeout(STEP_MS)
    return page


def _camera(page: Page, folder: Path, look: Look) -> Callable[[str], None]:
    def take(step: str) -> None:
        page.evaluate("document.activeElement?.blur()")
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
        page.set_viewport_size({"width": look.width, "height": height})  # so that nothing sticks to the window's edge
        page.evaluate("scrollTo(0, 0)")
        picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
        page.set_viewport_size({"width": look.width, "height": look.height})
        picture.convert("RGB").save(folder / f"{step}-{look.name}.webp", quality=QUALITY, method=6)

    return take


def walk(page: Page, link: str, take: Callable[[str], None]) -> None:
    """From the invitation to the page about one's data, a picture at every step."""
    page.goto(link)
    take("1-information")
    page.get_by_label("I want to take part.").check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/t/background/")
    take("2-background")
    tell_background(page)
    take("3-sound-check")
    page.get_by_role("button", name="To the practice passage").click()
    wait_for_audio(page)
    _practise(page, take)
    wait_for_audio(page)
    _trial(page, take)
    take("8-closing")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/t/thanks/")
    take("9-thanks")
    page.get_by_role("link", name="your data", exact=True).click()
    take("10-your-data")


def _practise(page: Page, take: Callable[[str], None]) -> None:
    """The first trial, on which the connection fails for a moment."""
    here = page.url
    answer_all(page)
    page.route("**/answers/", _unreachable)
    go_on(page)
    page.locator("#notices .notice").wait_for()
    take("5-offline")
    page.unroute("**/answers/")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("body[data-step=hear]").wait_for()
    finish_trial(page)
    page.wait_for_url(lambda url: url != here)


def _unreachable(route: Route) -> None:
    route.abort()


def _trial(page: Page, take: Callable[[str], None]) -> None:
    take("4-read")
    answer_all(page)
    go_on(page)
    page.locator("body[data-step=hear]").wait_for()
    page.keyboard.press("2")
    answer_all(page, choice="b_slightly")
    page.evaluate("scrollTo(0, 0)")
    take("6-hear")
    finish_trial(page)
    page.locator("body[data-step=guess]").wait_for()
    take("7-last-question")
    page.get_by_label("Can't tell").check(force=True)
    go_on(page)
    page.wait_for_url("**/t/closing/")


def _phone_page(browser: Browser, link: str, folder: Path) -> None:
    """What a real phone gets instead of the trials."""
    look = LOOKS[-1]
    page = _new_page(browser, look, user_agent=PHONE_AGENT)
    page.goto(link)
    page.get_by_label("I want to take part.").check()
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/t/phone/")
    _camera(page, folder, look)("11-on-to-a-computer")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
