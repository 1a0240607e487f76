"""The page that plays triplets, opened from disk in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from datagen.__main__ import main
from tests.browser.conftest import Complaints
from tests.datagen.making_described_file import write_file

pytestmark = pytest.mark.browser
TIME = "clip => clip.currentTime"


@pytest.fixture
def listening(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, complaints: Complaints) -> Page:
    """The page with triplets whose references are the same passage or an earlier balance of it."""
    monkeypatch.setenv("MIXTRIAL_CACHE", str(tmp_path / "cache"))
    file = write_file(tmp_path / "r.parquet", kinds={"same_passage": 1, "previous_version": 1}, may_publish=True)
    assert main(["describe", str(file), "--play", "3"]) == 0
    page.goto(file.with_name("r-listen.html").as_uri())
    return page


def wait_until_heard(page: Page, place: int) -> None:
    """Wait until the clip at this place has played for a moment."""
    page.wait_for_function("place => document.querySelectorAll('audio')[place].currentTime > 0.2", arg=place)


def test_every_clip_plays_from_a_file_on_disk(listening):
    clips = listening.locator("audio").all()
    for place, clip in enumerate(clips):
        clip.evaluate("clip => clip.play()")
        wait_until_heard(listening, place)
    assert len(clips) >= 6
    assert all(clip.evaluate("clip => clip.error === null && clip.currentTime > 0.2") for clip in clips)


def test_keys_switch_inside_a_triplet_at_the_same_place(listening):
    first, second = listening.locator("audio").nth(0), listening.locator("audio").nth(1)
    first.focus()
    listening.keyboard.press("1")
    wait_until_heard(listening, 0)
    listening.keyboard.press("2")
    listening.wait_for_function("() => !document.querySelectorAll('audio')[1].paused")

    assert first.evaluate("clip => clip.paused")
    assert second.evaluate(TIME) >= 0.15
    listening.keyboard.press("2")
    assert second.evaluate("clip => clip.paused")


def test_matched_levels_turn_the_louder_clip_down(listening):
    listening.get_by_label("matched in loudness").check()
    for clip in listening.locator("audio").all():
        expected = 10 ** (float(clip.get_attribute("data-trim-db")) / 20)
        assert clip.evaluate("clip => clip.volume") == pytest.approx(expected, abs=1e-3)
    listening.get_by_label("as in the data").check()
    assert listening.locator("audio").evaluate_all("clips => clips.every(clip => clip.volume === 1)")


@pytest.mark.parametrize("width", [360, 1280])
def test_neither_page_scrolls_sideways(listening, width):
    listening.set_viewport_size({"width": width, "height": 800})
    for address in (listening.url, listening.url.replace("-listen", "")):
        listening.goto(address)
        assert listening.evaluate("document.documentElement.scrollWidth") == width
