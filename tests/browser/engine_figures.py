"""Figures of the page's own player, rendered offline, against sum g_i(t) x_i(t): for tests and ./dev bench trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
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

RATE = 44_100
STEMS = ("drums", "bass", "other", "vocals")
START_S = round(2 * LEAD_S * RATE) / RATE
CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "problem": {"gains_db": {}, "trim_db": 0.0},
    "A": {"gains_db": {"vocals": 6.0, "drums": -3.0}, "trim_db": -1.3},
    "B": {"gains_db": {"bass": 4.5}, "trim_db": -0.6},
}
SWITCHES = ((0.4, "A"), (0.9, "B"), (0.906, "A"), (1.4, "problem"), (1.409, "B"), (1.418, "A"))
"""(when, to what): three of them interrupt a ramp that is still under way."""
DRIFT_RATE = 8_000
DRIFT_S = 600.0


@dataclass(frozen=True)
class SwitchingError:
    """The largest difference from the sum of gains times stems, of full scale."""

    in_ramps: float
    elsewhere: float


def noise_stems(seconds: float, *, seed: int = 3) -> dict[str, Floats]:
    """Noise at -20 dBFS for every stem, two channels."""
    rng = np.random.default_rng(seed)
    return {name: (0.1 * rng.standard_normal((2, round(seconds * RATE)))).astype(np.float32) for name in STEMS}


def linear(version: str, stem: str) -> float:
    """The linear gain of a stem in a version."""
    condition = CONDITIONS[version]
    return float(10 ** ((condition["gains_db"].get(stem, 0.0) + condition["trim_db"]) / 20))


def expected_mix(stems: Mapping[str, Floats], moves: Sequence[tuple[float, str]], seconds: float) -> np.ndarray:
    """What should be heard, [channels, samples], when versions are asked for at these moments."""
    times = np.arange(round(seconds * RATE)) / RATE
    start = round(START_S * RATE)
    mix = np.zeros((2, times.size))
    for name, audio in stems.items():
        gain = ramps(times, [(at_s, linear(version, name)) for at_s, version in moves], linear("problem", name))
        played = np.concatenate([np.zeros((2, start)), np.tile(audio, 4)], axis=1)[:, : times.size]
        mix += gain * played
    return mix


def switching_error(page: Page, *, premixed: bool = False) -> SwitchingError:
    """How far the output is from the sum while versions are switched, the first 5 ms apart; `premixed`: as where
    memory is short.
    """
    stems, seconds = noise_stems(3.0), 2.5
    actions = [Action(0, "play"), *(Action(at_s, "switchTo", (version,)) for at_s, version in SWITCHES)]
    out = render(page, stems, actions, seconds=seconds, rate=RATE, conditions=CONDITIONS, premixed=premixed).audio
    moves = [(block_time(at_s, RATE), version) for at_s, version in SWITCHES]
    error = np.abs(out - expected_mix(stems, moves, seconds)).max(axis=0)
    times = np.arange(error.size) / RATE
    in_ramp = in_windows(times, [(at_s + LEAD_S, at_s + LEAD_S + RAMP_S) for at_s, _ in moves])
    at_start = in_windows(times, [(0.0, START_S + EDGE_S)])
    return SwitchingError(float(error[in_ramp].max()), float(error[~in_ramp & ~at_start].max()))


def seam_error(page: Page) -> float:
    """How far a loop's seam is from the scheduled fade of 5 ms on either side."""
    stems, (start_s, end_s) = noise_stems(5.0), (0.5, 4.5)
    actions = [Action(0, "setLoop", ({"startS": start_s, "endS": end_s},)), Action(0, "play")]
    out = render(page, stems, actions, seconds=5.0, rate=RATE, conditions=CONDITIONS).audio
    times = np.arange(out.shape[1]) / RATE
    seam_s = START_S + end_s - start_s
    fade = np.clip(np.abs(times - seam_s) / EDGE_S, 0.0, 1.0)
    region = sum(stems.values())[:, round(start_s * RATE) : round(end_s * RATE)]
    looped = np.concatenate([np.zeros((2, round(START_S * RATE))), region, region], axis=1)[:, : times.size]
    near = in_windows(times, [(seam_s - 0.02, seam_s + 0.02)])
    return float(np.abs(out - fade * looped)[:, near].max())


def clicks_of_ten_minutes(page: Page) -> list[list[int]]:
    """Samples of every stem's click, looped every 20 s for ten minutes."""
    return render_clicks(
        page,
        STEMS,
        [Action(0, "play")],
        click_s=10.0,
        length_s=20.0,
        seconds=DRIFT_S,
        rate=DRIFT_RATE,
        file_rate=DRIFT_RATE,
    )


def drift_samples(clicks: Sequence[Sequence[int]]) -> int:
    """The largest distance in samples between the stems' clicks. Raises ValueError where a click is missing."""
    if len({len(stem) for stem in clicks}) != 1 or not clicks[0]:
        raise ValueError(f"the stems clicked {[len(stem) for stem in clicks]} times")
    places = np.array(clicks)
    return int((places.max(axis=0) - places.min(axis=0)).max())
