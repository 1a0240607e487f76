"""A producer at the browser: walks the pages of a session as a person does, by what the pages say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from studyweb.studies.models import Study

READY_MS = 15_000


def join(page: Page, site: str, study: Study) -> None:
    """Information and consent; ends on the background page."""
    page.goto(f"{site}/join/{study.public_id}/")
    page.get_by_label("I want to take part.").check()
    page.get_by_role("button", name="Begin").click()
    expect(page).to_have_url(f"{site}/t/background/")


def tell_background(page: Page, *, listening: str = "Headphones") -> None:
    """The four questions about the person; ends on the sound check."""
    for label in ("6 to 10", "Producer", listening):
        page.get_by_label(label, exact=True).check()
    page.get_by_role("button", name="Next: the sound").click()
    page.wait_for_url("**/t/setup/")


def check_sound(page: Page) -> None:
    """The sound check, without its optional parts; ends on the first trial."""
    page.get_by_role("button", name="To the practice passage").click()
    page.wait_for_url("**/t/trial/**")


def arrive_at_trial(page: Page, site: str, study: Study) -> None:
    """From the link to the first trial, its audio ready."""
    join(page, site, study)
    tell_background(page)
    check_sound(page)
    wait_for_audio(page)


def wait_for_audio(page: Page) -> None:
    """Until the play button can be pressed."""
    expect(page.get_by_role("button", name="Play")).to_be_enabled(timeout=READY_MS)


def answer_all(page: Page, *, choice: str = "a_clearly") -> None:
    """Answers every question that the step shows; five-way choices by `choice`."""
    for name in page.locator("#questions [data-question]").evaluate_all(
        "boxes => boxes.map(box => box.dataset.question)"
    ):
        box = page.locator(f'[data-question="{name}"]')
        if not box.is_visible():
            continue
        wanted = box.locator(f'input[value="{choice}"]')
        target = wanted if wanted.count() else box.locator("input[type=radio]").nth(1)
        if target.count() and not box.locator("input:checked").count():
            target.check(force=True)


def go_on(page: Page) -> None:
    """Presses the button under the questions, also while it says that it waits."""
    page.locator("#next").click(force=True)


def hear_all(page: Page) -> None:
    """Plays every version until the page says that it was heard."""
    page.get_by_role("button", name="Play").click()
    for key, version in (("2", "A"), ("3", "B"), ("1", "problem")):
        page.keyboard.press(key)
        expect(page.locator(f'[data-heard="{version}"]')).to_contain_text("heard", timeout=READY_MS)


def read_and_go_on(page: Page) -> None:
    """The reading step; ends on the hearing step."""
    answer_all(page)
    go_on(page)
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=READY_MS)


def finish_trial(page: Page, *, choice: str = "b_slightly", anyway: bool = True) -> None:
    """The hearing step; goes on without having heard everything where `anyway`."""
    answer_all(page, choice=choice)
    go_on(page)
    if anyway:
        expect(page.locator("#next")).to_have_text("Go on anyway")
        go_on(page)


def guess(page: Page) -> None:
    """The blinding question after the last trial."""
    expect(page.locator("body")).to_have_attribute("data-step", "guess", timeout=READY_MS)
    page.get_by_label("Can't tell").check(force=True)
    go_on(page)
