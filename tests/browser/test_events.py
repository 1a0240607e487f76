"""What happened on the page is stored to the last event, and a slider that is dragged is one event."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from studyweb.studies.models import Study
from studyweb.trials.models import Event
from tests.browser.walking import arrive_at_trial, finish_trial, read_and_go_on, wait_for_audio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STEP = """(count) => {
  const slider = document.getElementById("volume");
  for (let step = 0; step < count; step += 1) {
    slider.value = String(-1 - (step % 39));
    slider.dispatchEvent(new Event("input"));
    slider.dispatchEvent(new Event("change"));
  }
  return Number(slider.value);
}"""
DRAG = """([id, values]) => {
  const slider = document.getElementById(id);
  for (const value of values) {
    slider.value = String(value);
    slider.dispatchEvent(new Event("input"));
  }
  slider.dispatchEvent(new Event("change"));
}"""


def test_the_last_event_before_the_end_of_a_trial_is_stored(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    here = page.url
    last_db = page.evaluate(STEP, 120)
    finish_trial(page)
    page.wait_for_url(lambda url: url != here)
    wait_for_audio(page)
    volumes = [
        event.payload["volume_db"]
        for event in Event.objects.filter(kind="volume", trial__completed_at__isnull=False).order_by("pk")
    ]
    assert len(volumes) == 121
    assert volumes[-1] == last_db


def test_a_drag_is_one_event_and_a_key_is_one(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    page.evaluate(DRAG, ["volume", [-12, -14, -20]])
    page.evaluate(DRAG, ["seek", [1, 2, 3]])
    page.locator("#volume").press("ArrowLeft")
    with page.expect_response("**/t/events/"):
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    volumes = [event.payload["volume_db"] for event in Event.objects.filter(kind="volume").order_by("pk")]
    assert volumes[1:] == [-20, -21]
    assert [event.payload for event in Event.objects.filter(kind="seek")] == [{"from_s": 0, "to_s": 3}]
