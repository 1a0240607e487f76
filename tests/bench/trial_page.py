"""The trial page of a live site in Chromium, measured from inside by trial_probe.js."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.walking import answer_all, check_sound, go_on, tell_background, wait_for_audio
from tests.conftest import BROWSER_FLAGS
from tests.servers.find import find_chromium

PROBE = (Path(__file__).parent / "trial_probe.js").read_text(encoding="utf-8")
SWITCH_KEYS = ("2", "3", "1")
BITS = 8
LOADED = """() => performance.getEntries()
  .filter((entry) => ["navigation", "resource"].includes(entry.entryType))
  .filter((entry) => entry.responseEnd <= window.trialProbe.playableMs)
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""


@dataclass(frozen=True)
class Opening:
    """One opening of the page over a limited network."""

    playable_s: float
    bytes: int
    """What came over the network until it could play."""


@contextmanager
def chromium_page() -> Iterator[Page]:
    """A page with the probe in it. Raises FileNotFoundError where there is no Chromium."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError("Chromium is not installed (./dev test --yes installs it)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=BROWSER_FLAGS)
        page = browser.new_page()
        page.add_init_script(PROBE)
        yield page
        browser.close()


def arrive(page: Page, site: str, study: str) -> None:
    """From the link to the first trial, its audio ready."""
    page.goto(f"{site}/join/{study}/")
    page.get_by_label("I want to take part.").check()
    page.get_by_role("button", name="Begin").click()
    tell_background(page)
    check_sound(page)
    wait_for_audio(page)


def open_again(page: Page, *, bits_per_s: float, times: int) -> list[Opening]:
    """Reload the trial page with an empty cache over a network of this speed."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    speed = {"downloadThroughput": bits_per_s / BITS, "uploadThroughput": bits_per_s / BITS, "latency": 0}
    network.send("Network.emulateNetworkConditions", {"offline": False, **speed})
    openings = []
    for _ in range(times):
        page.reload(wait_until="commit")
        expect(page.locator("#play")).to_be_enabled(timeout=120_000)
        openings.append(Opening(page.evaluate("trialProbe.playableMs") / 1000, page.evaluate(LOADED)))
    network.detach()
    return openings


def decoded_bytes(page: Page) -> int:
    """Bytes of all audio that the page decoded."""
    return int(page.evaluate("trialProbe.decodedBytes"))


def play_to_sound_s(page: Page, *, times: int) -> list[float]:
    """Seconds from pressing Play to the first sound, the audio loaded, each time on a fresh page."""
    heard = []
    for _ in range(times):
        page.reload()
        wait_for_audio(page)
        page.get_by_role("button", name="Play").click()
        page.wait_for_function("trialProbe.playToSoundMs !== null")
        heard.append(page.evaluate("trialProbe.playToSoundMs") / 1000)
    return heard


def input_to_ramp_end_s(page: Page, *, times: int) -> list[float]:
    """Seconds from the pressing of a key to the end of the ramps it causes, on the context's clock, while playing."""
    answer_all(page)
    go_on(page)
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    for turn in range(times):
        page.keyboard.press(SWITCH_KEYS[turn % len(SWITCH_KEYS)])
        page.wait_for_timeout(40)
    found: list[float] = page.evaluate("trialProbe.inputToRampEndS")
    return found
