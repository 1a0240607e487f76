"""The waveform's canvas: drawn only where something changed, and never left empty."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from studyweb.studies.models import Study
from tests.browser.walking import arrive_at_trial

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

IS_DRAWN = """() => {
  const canvas = document.getElementById("wave-canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return pixels.some((value) => value > 0);
}"""


def test_it_is_drawn_again_after_every_change_of_size(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    for size in ({"width": 360, "height": 740}, {"width": 1280, "height": 900}, {"width": 1280, "height": 300}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.wait_for_function(IS_DRAWN)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(IS_DRAWN)
    assert page.evaluate(IS_DRAWN)
