"""Some of the sessions in Chromium: the whole page instead of its modules, the network failing on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, Request, Response, Route, sync_playwright

from tests.bench.durability.server import Server
from tests.bench.durability.verdict import Report, Verdict, judge
from tests.browser.walking import answer_all, tell_background
from tests.conftest import BROWSER_FLAGS
from tests.servers.find import find_chromium

SESSIONS = 20
TIMEOUT_MS = 60_000
MOST_STEPS = 40
FAULTS = ("cut before", "cut after", "double", "reload", "away")
AWAY_POSTS = 3


@dataclass
class Watched:
    """One session: what its page handed in, what it was told, and the fault that waits for it."""

    number: int
    fault: str
    at: int
    posts: int = 0
    must_reload: bool = False
    handed: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)

    def note_request(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/answers/"):
            trial = request.url.split("/")[-3]
            for answer in request.post_data_json["answers"]:
                self.handed[answer["client_uuid"]] = {**answer, "trial": trial, "kept": True}

    def note_response(self, response: Response) -> None:
        if response.request.method == "POST" and response.url.endswith("/answers/") and response.ok:
            # The page may be gone already, and the reply's body with it: 200 acknowledges the whole post.
            self.acknowledged += [each["client_uuid"] for each in response.request.post_data_json["answers"]]

    def report(self, stuck: str | None) -> Report:
        what = {"number": self.number, "faults": [f"{self.fault} at {self.at}"], "handed": list(self.handed.values())}
        told = sorted(set(self.acknowledged))
        return {**what, "acknowledged": told, "unreceipted": [], "left": 0, "stranger": True, "stuck": stuck}


def play_in_chromium(server: Server, sessions: int = SESSIONS) -> Verdict:
    """Play sessions one after the other and judge them by the database. Chromium has to be there."""
    study = server.new_study(trials=1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=BROWSER_FLAGS)
        reports = [_play(browser, f"{server.url}/join/{study}/", number) for number in range(sessions)]
        browser.close()
    rows, breaks = server.stored(study)
    verdict = judge(reports, rows)
    verdict.doubled += [f"chain: {what}" for what in breaks]
    return verdict


def _play(browser: Browser, link: str, number: int) -> Report:
    """One session, its fault at another post of answers each time."""
    watched = Watched(number, FAULTS[number % len(FAULTS)], at=number // len(FAULTS))
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.on("request", watched.note_request)
    page.on("response", watched.note_response)
    page.route("**/answers/", _failing(watched))
    try:
        _walk(page, link, watched)
        return watched.report(None)
    except Exception as error:  # whatever keeps a session from its end is what is looked for
        return watched.report(f"{type(error).__name__}: {str(error)[:200]}")
    finally:
        context.close()


def _failing(watched: Watched) -> Callable[[Route], None]:
    """What happens to the session's posts of answers."""

    def handle(route: Route) -> None:
        since = watched.posts - watched.at
        watched.posts += 1
        is_due = since == 0 or (watched.fault == "away" and 0 <= since < AWAY_POSTS)
        watched.must_reload = is_due and watched.fault == "reload"
        if is_due and watched.fault in {"cut after", "double"}:
            route.fetch()
        if is_due and watched.fault not in {"double", "reload"}:
            route.abort()
        else:
            route.continue_()

    return handle


def _walk(page: Page, link: str, watched: Watched) -> None:
    page.goto(link)
    page.get_by_label("I want to take part.").check()
    page.get_by_role("button", name="Begin").click()
    tell_background(page)
    page.get_by_role("button", name="To the practice passage").click()
    page.wait_for_url("**/t/trial/**")
    for _ in range(MOST_STEPS):
        if "/t/trial/" not in page.url:
            break
        _one_press(page)
        if watched.must_reload:
            watched.must_reload = False
            page.reload()
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/t/thanks/")


def _one_press(page: Page) -> None:
    """Answer what is asked, press, and see whether the page has moved; a person tries again."""
    try:
        page.locator("body[data-step]").wait_for()
        answer_all(page)
        page.locator("#next[aria-disabled=false]").click(timeout=4_000)
        page.wait_for_timeout(300)
    except Exception:
        if page.is_closed():
            raise
        page.wait_for_timeout(500)
