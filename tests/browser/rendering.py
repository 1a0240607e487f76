"""Renders the page's player in an OfflineAudioContext, and what it should sound like, worked out apart from it."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from playwright.sync_api import Page

ENGINE = (Path(__file__).parent / "engine.js").read_text(encoding="utf-8")
LEAD_S = 0.010
RAMP_S = 0.015
EDGE_S = 0.005
BLOCK = 128
"""An offline context stops at multiples of its render quantum."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Action:
    """A call of the player at a moment of the context's clock."""

    at_s: float
    call: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """What came out: channels, samples; and the heard seconds by version."""

    audio: Floats
    heard_s: dict[str, float]


def render(
    page: Page,
    stems: Mapping[str, Floats],
    actions: Sequence[Action],
    *,
    seconds: float,
    rate: int,
    conditions: Mapping[str, Mapping[str, Any]],
    premixed: bool = False,
) -> Rendered:
    """The player's output for stems of [channels, samples] under the given actions; `premixed`: as where memory is
    short, from one mix for each version.
    """
    channels, samples = next(iter(stems.values())).shape
    plan = {
        "rate": rate,
        "fileRate": rate,
        "seconds": seconds,
        "channels": channels,
        "lengthS": samples / rate,
        "stems": [
            {"name": name, "channels": [_encoded(channel) for channel in audio]} for name, audio in stems.items()
        ],
        "conditions": dict(conditions),
        "actions": _plain(actions),
        "clicksAbove": None,
        "premixed": premixed,
    }
    found = page.evaluate(ENGINE, plan)
    return Rendered(np.stack([_decoded(channel) for channel in found["output"]]), found["heard"])


def render_clicks(
    page: Page,
    names: Sequence[str],
    actions: Sequence[Action],
    *,
    click_s: float,
    length_s: float,
    seconds: float,
    rate: int,
    file_rate: int,
) -> list[list[int]]:
    """Sample numbers of the clicks of each stem, every stem in a channel of its own with one click at `click_s`."""
    clicks = [{"channel": index, "at": round(click_s * file_rate), "samples": 4} for index in range(len(names))]
    plan = {
        "rate": rate,
        "fileRate": file_rate,
        "seconds": seconds,
        "channels": len(names),
        "lengthS": length_s,
        "stems": [{"name": name, "click": click} for name, click in zip(names, clicks, strict=True)],
        "conditions": {},
        "actions": _plain(actions),
        "clicksAbove": 0.25,
        "premixed": False,
    }
    found: list[list[int]] = page.evaluate(ENGINE, plan)["output"]
    return found


def _plain(actions: Sequence[Action]) -> list[dict[str, Any]]:
    return [{"atS": each.at_s, "call": each.call, "arguments": list(each.arguments)} for each in actions]


def block_time(at_s: float, rate: int) -> float:
    """The moment at which an offline context really stops when asked for `at_s`: the next whole block."""
    return float(np.ceil(round(at_s * rate, 6) / BLOCK) * BLOCK / rate)


def ramps(
    times: npt.NDArray[np.float64], moves: Sequence[tuple[float, float]], first: float
) -> npt.NDArray[np.float64]:
    """A gain over time: `first`, then for every (asked at, target) a 15 ms line that begins 10 ms later from wherever
    the gain then is.
    """
    gain = np.full(times.shape, first)
    for asked_s, target in moves:
        start_s = asked_s + LEAD_S
        here = float(np.interp(start_s, times, gain))
        after = times >= start_s
        share = np.clip((times[after] - start_s) / RAMP_S, 0.0, 1.0)
        gain[after] = here + (target - here) * share
    return gain


def in_windows(times: npt.NDArray[np.float64], windows: Sequence[tuple[float, float]]) -> npt.NDArray[np.bool_]:
    """Whether each time lies in one of the windows."""
    inside = np.zeros(times.shape, dtype=bool)
    for start_s, end_s in windows:
        inside |= (times >= start_s) & (times <= end_s)
    return inside


def _encoded(channel: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(channel, dtype="<f4").tobytes()).decode()


def _decoded(text: str) -> Floats:
    return np.frombuffer(base64.b64decode(text), dtype="<f4")
