"""The player's own code, rendered in the browser, against sum g_i(t) x_i(t)."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.engine_figures import (
    CONDITIONS,
    DRIFT_RATE,
    RATE,
    START_S,
    STEMS,
    clicks_of_ten_minutes,
    drift_samples,
    noise_stems,
    seam_error,
    switching_error,
)
from tests.browser.rendering import LEAD_S, Action, block_time, render, render_clicks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def engine_page(page: Page, site: str) -> Page:
    """A page of the site, so that its modules can be imported."""
    page.goto(f"{site}/login/")
    return page


@pytest.mark.parametrize("premixed", [False, True], ids=["from stems", "from mixes made beforehand"])
def test_switching_sounds_like_the_sum_of_gains_times_stems(engine_page: Page, premixed: bool) -> None:
    error = switching_error(engine_page, premixed=premixed)
    assert error.in_ramps <= 1e-3
    assert error.elsewhere <= 1e-4


def test_solo_and_mute_move_levels_by_the_same_ramps(engine_page: Page) -> None:
    stems, seconds = noise_stems(2.0), 1.5
    actions = [Action(0, "play"), Action(0.5, "setSolo", ("bass", True)), Action(1.0, "setSolo", ("bass", False))]
    out = render(engine_page, stems, actions, seconds=seconds, rate=RATE, conditions=CONDITIONS).audio
    alone = out[:, round(0.6 * RATE) : round(0.9 * RATE)]
    start = round(0.6 * RATE) - round(START_S * RATE)
    assert np.abs(alone - stems["bass"][:, start : start + alone.shape[1]]).max() <= 1e-4
    all_again = out[:, round(1.1 * RATE) :]
    start = round(1.1 * RATE) - round(START_S * RATE)
    whole = sum(stems.values())[:, start : start + all_again.shape[1]]
    assert np.abs(all_again - whole).max() <= 1e-4


def test_a_loop_repeats_to_the_sample_with_a_five_millisecond_dip_at_its_seam(engine_page: Page) -> None:
    stems = noise_stems(5.0)
    actions = [Action(0, "setLoop", ({"startS": 0.5, "endS": 4.5},)), Action(0, "play")]
    out = render(engine_page, stems, actions, seconds=9.5, rate=RATE, conditions=CONDITIONS).audio
    period, start = 4 * RATE, round(START_S * RATE)
    body = np.abs(out[:, start + 500 : start + period - 500] - out[:, start + period + 500 : start + 2 * period - 500])
    assert body.max() <= 1e-6
    assert seam_error(engine_page) <= 1e-3


def test_a_changed_loop_goes_on_in_phase(engine_page: Page) -> None:
    stems = noise_stems(5.0)
    actions = [Action(0, "play"), Action(1.0, "setLoop", ({"startS": 0.2, "endS": 4.8},))]
    out = render(engine_page, stems, actions, seconds=2.0, rate=RATE, conditions=CONDITIONS).audio
    start = round(START_S * RATE)
    straight = sum(stems.values())[:, : out.shape[1] - start]
    assert np.abs(out[:, start + 500 :] - straight[:, 500:]).max() <= 1e-3


def test_a_muted_stem_comes_back_in_step_after_seeks_and_resampling(engine_page: Page) -> None:
    actions = [
        Action(0, "play"),
        Action(3.0, "setMute", ("vocals", True)),
        Action(8.0, "seek", (18.0,)),
        Action(9.0, "seek", (17.0,)),
        Action(14.0, "setMute", ("vocals", False)),
    ]
    rate = 48_000
    clicks = render_clicks(
        engine_page, STEMS, actions, click_s=25.0, length_s=26.0, seconds=18.0, rate=rate, file_rate=44_100
    )
    first = [stem[0] for stem in clicks]
    assert max(first) - min(first) <= 1
    assert abs(first[0] - (block_time(9.0, rate) + LEAD_S + 8.0) * rate) <= 3


def test_stems_do_not_drift_in_ten_minutes(engine_page: Page) -> None:
    clicks = clicks_of_ten_minutes(engine_page)
    assert drift_samples(clicks) == 0
    assert np.diff(clicks[0][::4]).tolist() == [20 * DRIFT_RATE] * 29


def test_heard_seconds_come_from_the_audio_clock(engine_page: Page) -> None:
    actions = [Action(0, "play"), Action(0.5, "switchTo", ("A",)), Action(1.5, "pause"), Action(1.9, "play")]
    rendered = render(engine_page, noise_stems(2.0), actions, seconds=2.5, rate=RATE, conditions=CONDITIONS)
    assert rendered.heard_s["problem"] == pytest.approx(0.5, abs=0.01)
    assert rendered.heard_s["A"] == pytest.approx(1.0, abs=0.02)
    assert rendered.heard_s["B"] == 0.0
