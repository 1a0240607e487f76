"""The output device: named once the browser was asked, kept over reloads and over a sound that had to begin anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserType, Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Event
from tests.browser.conftest import Complaints
from tests.browser.test_faults import EXPOSE_CONTEXTS, FREEZE, STALL_MS, play_for_a_moment
from tests.browser.walking import arrive_at_trial, wait_for_audio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICES = """
window.asked = [];
window.stopped = 0;
window.outputs = ["default", "desk", "phones"];
let isAllowed = sessionStorage.getItem("allowed") === "yes";
navigator.mediaDevices.enumerateDevices = async () =>
  window.outputs.map((deviceId) => ({ kind: "audiooutput", deviceId, label: isAllowed ? `The ${deviceId}` : "" }));
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.asked.push(wanted);
  if (sessionStorage.getItem("refused") === "yes") throw new DOMException("no", "NotAllowedError");
  isAllowed = true;
  sessionStorage.setItem("allowed", "yes");
  return { getTracks: () => [{ stop: () => (window.stopped += 1) }] };
};
AudioContext.prototype.setSinkId = async function (deviceId) {
  if (deviceId !== "" && !window.outputs.includes(deviceId)) throw new DOMException("gone", "NotFoundError");
  this.sentTo = deviceId;
};
"""
"""A browser with three outputs, which names them once the microphone was allowed."""


@pytest.fixture
def trial(page: Page, site: str, study: Study) -> Page:
    page.add_init_script(DEVICES + EXPOSE_CONTEXTS)
    arrive_at_trial(page, site, study)
    return page


def choose_phones(page: Page) -> None:
    page.get_by_role("button", name="Choose the output …").click()
    page.get_by_label("Output").select_option(label="The phones")


def test_the_outputs_are_named_after_asking_and_the_choice_is_heard(trial: Page, complaints: Complaints) -> None:
    expect(trial.get_by_label("Output")).to_be_hidden()
    assert trial.evaluate("window.asked") == []
    choose_phones(trial)
    assert trial.evaluate("[window.asked, window.stopped]") == [[{"audio": True}], 1]
    expect(trial.get_by_role("button", name="Choose the output …")).to_be_hidden()
    play_for_a_moment(trial)
    assert trial.evaluate("window.contexts[0].sentTo") == "phones"
    trial.get_by_label("Output").select_option(label="The default")
    trial.wait_for_function("window.contexts[0].sentTo === ''")
    assert complaints.lines == []


def test_a_reload_keeps_the_output(trial: Page) -> None:
    choose_phones(trial)
    trial.reload()
    wait_for_audio(trial)
    expect(trial.get_by_label("Output")).to_have_value("phones")
    play_for_a_moment(trial)
    assert trial.evaluate("window.contexts[0].sentTo") == "phones"


def test_a_sound_that_begins_anew_comes_from_the_same_output(trial: Page) -> None:
    choose_phones(trial)
    play_for_a_moment(trial)
    trial.evaluate(FREEZE)
    expect(trial.locator("#wake")).to_be_visible(timeout=STALL_MS)
    trial.locator("#wake").click()
    expect(trial.locator("#wake")).to_be_hidden(timeout=STALL_MS)
    assert trial.evaluate("window.contexts.map((context) => context.sentTo)") == ["phones", "phones"]


def test_an_output_that_is_gone_gives_way_to_the_default_and_is_noted(trial: Page) -> None:
    choose_phones(trial)
    trial.add_init_script("window.outputs.pop();")
    trial.reload()
    wait_for_audio(trial)
    expect(trial.get_by_label("Output")).to_have_value("")
    play_for_a_moment(trial)
    assert trial.evaluate("window.contexts[0].sentTo ?? ''") == ""
    with trial.expect_response("**/t/events/"):
        trial.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    assert Event.objects.filter(kind__in=("output_gone", "output_failed")).exists()


def test_a_browser_that_refuses_says_so_and_plays_on(trial: Page) -> None:
    trial.evaluate("sessionStorage.setItem('refused', 'yes')")
    trial.get_by_role("button", name="Choose the output …").click()
    expect(trial.locator("#output-note")).to_contain_text("stays on its default output")
    play_for_a_moment(trial)


def test_a_browser_without_the_choice_shows_none(page: Page, site: str, study: Study) -> None:
    page.add_init_script("delete AudioContext.prototype.setSinkId;")
    arrive_at_trial(page, site, study)
    expect(page.locator("#output")).to_be_hidden()


@pytest.fixture
def chromium_with_devices(
    site: str, browser_type: BrowserType, browser_type_launch_args: dict[str, Any]
) -> Iterator[Page]:
    """A page of a Chromium that has two outputs besides its default, and may use the microphone when it asks."""
    flags = [*browser_type_launch_args["args"], "--use-fake-device-for-media-stream"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": flags})
    yield browser.new_page()
    browser.close()


def test_chromium_itself_sends_the_sound_to_the_chosen_output(
    chromium_with_devices: Page, site: str, study: Study
) -> None:
    page = chromium_with_devices
    page.add_init_script(EXPOSE_CONTEXTS)
    arrive_at_trial(page, site, study)
    page.context.grant_permissions(["microphone"])
    page.get_by_role("button", name="Choose the output …").click()
    page.get_by_label("Output").select_option(label="Fake Audio Output 1")
    chosen = page.get_by_label("Output").input_value()
    page.reload()
    wait_for_audio(page)
    expect(page.get_by_label("Output")).to_have_value(chosen)
    play_for_a_moment(page)
    page.wait_for_function("chosen => window.contexts[0].sinkId === chosen", arg=chosen)
