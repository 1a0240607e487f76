"""The player's own code, rendered in the browser, against sum g_i(t) x_i(t)."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.rendering import (
    EDGE_S,
    LEAD_S,
    RAMP_S,
    Action,
    Floats,
    block_time,
    in_windows,
    ramps,
    render,
    render_clicks,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RATE = 44_100
STEMS = ("drums", "bass", "other", "vocals")
START_S = round(2 * LEAD_S * RATE) / RATE
CONDITIONS = {
    "problem": {"gains_db": {}, "trim_db": 0.0},
    "A": {"gains_db": {"vocals": 6.0, "drums": -3.0}, "trim_db": -1.3},
    "B": {"gains_db": {"bass": 4.5}, "trim_db": -0.6},
}


@pytest.fixture
def engine_page(page: Page, site: str) -> Page:
    """A page of the site, so that its modules can be imported."""
    page.goto(f"{site}/login/")
    return page


def noise_stems(seconds: float, *, seed: int = 3) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    return {name: (0.1 * rng.standard_normal((2, round(seconds * RATE)))).astype(np.float32) for name in STEMS}


def linear(version: str, stem: str) -> float:
    condition = CONDITIONS[version]
    return float(10 ** ((condition["gains_db"].get(stem, 0.0) + condition["trim_db"]) / 20))


def expected_mix(stems: dict[str, Floats], moves: list[tuple[float, str]], seconds: float) -> np.ndarray:
    times = np.arange(round(seconds * RATE)) / RATE
    start = round(START_S * RATE)
    mix = np.zeros((2, times.size))
    for name, audio in stems.items():
        gain = ramps(times, [(at_s, linear(version, name)) for at_s, version in moves], linear("problem", name))
        played = np.concatenate([np.zeros((2, start)), np.tile(audio, 4)], axis=1)[:, : times.size]
        mix += gain * played
    return mix


def test_switching_sounds_like_the_sum_of_gains_times_stems(engine_page: Page) -> None:
    stems, seconds = noise_stems(3.0), 2.5
    asked = [(0.4, "A"), (0.9, "B"), (0.906, "A"), (1.4, "problem"), (1.409, "B"), (1.418, "A")]
    actions = [Action(0, "play"), *(Action(at_s, "switchTo", (version,)) for at_s, version in asked)]
    out = render(engine_page, stems, actions, seconds=seconds, rate=RATE, conditions=CONDITIONS).audio
    moves = [(block_time(at_s, RATE), version) for at_s, version in asked]
    error = np.abs(out - expected_mix(stems, moves, seconds)).max(axis=0)
    times = np.arange(error.size) / RATE
    in_ramp = in_windows(times, [(at_s + LEAD_S, at_s + LEAD_S + RAMP_S) for at_s, _ in moves])
    at_start = in_windows(times, [(0.0, START_S + EDGE_S)])
    assert error[in_ramp].max() <= 1e-3
    assert error[~in_ramp & ~at_start].max() <= 1e-4


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
    times = np.arange(out.shape[1]) / RATE
    seam_s = START_S + 4.0
    fade = np.clip(np.abs(times - seam_s) / EDGE_S, 0.0, 1.0)
    region = sum(stems.values())[:, round(0.5 * RATE) : round(4.5 * RATE)]
    looped = np.concatenate([np.zeros((2, start)), region, region, region], axis=1)[:, : times.size]
    near = in_windows(times, [(seam_s - 0.02, seam_s + 0.02)])
    assert np.abs(out - fade * looped)[:, near].max() <= 1e-3


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
    rate = 8_000
    clicks = render_clicks(
        engine_page,
        STEMS,
        [Action(0, "play")],
        click_s=10.0,
        length_s=20.0,
        seconds=600.0,
        rate=rate,
        file_rate=rate,
    )
    assert all(stem == clicks[0] for stem in clicks)
    assert np.diff(clicks[0][::4]).tolist() == [20 * rate] * 29


def test_heard_seconds_come_from_the_audio_clock(engine_page: Page) -> None:
    actions = [Action(0, "play"), Action(0.5, "switchTo", ("A",)), Action(1.5, "pause"), Action(1.9, "play")]
    rendered = render(engine_page, noise_stems(2.0), actions, seconds=2.5, rate=RATE, conditions=CONDITIONS)
    assert rendered.heard_s["problem"] == pytest.approx(0.5, abs=0.01)
    assert rendered.heard_s["A"] == pytest.approx(1.0, abs=0.02)
    assert rendered.heard_s["B"] == 0.0
