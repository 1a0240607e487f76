"""The producer's trial in Chromium: what the player puts out, how fast it reacts, how soon it plays, what it holds."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from playwright.sync_api import Page

from tests.bench import trial_page
from tests.bench.metric import Goal, Metric
from tests.bench.trial_site import live_study
from tests.browser.engine_figures import clicks_of_ten_minutes, drift_samples, seam_error, switching_error

BENCH = "trial"
SWITCHES = 60
OPENINGS = 3
PLAYS = 5
BITS_PER_S = 20e6
MOST_IN_RAMPS, MOST_ELSEWHERE = 1e-3, 1e-4
MOST_TO_RAMP_END_MS, MOST_TO_SOUND_S, MOST_OVER_BANDWIDTH_S, MOST_MB = 30.0, 0.3, 1.5, 150.0


def run(*, switches: int = SWITCHES, openings: int = OPENINGS, plays: int = PLAYS) -> list[Metric]:
    """All metrics of this bench, on a live site with the default study."""
    with live_study() as (site, study), trial_page.chromium_page() as page:
        trial_page.arrive(page, site, study)
        return [
            *_engine(page),
            *_opening(page, openings),
            *_playing(page, plays),
            *_switching(page, switches),
        ]


def _engine(page: Page) -> Iterator[Metric]:
    """The page's own player, rendered offline."""
    for name, premixed in (("from stems", False), ("from mixes made beforehand", True)):
        error = switching_error(page, premixed=premixed)
        yield _most(f"largest error during a ramp, {name}", "full scale", error.in_ramps, MOST_IN_RAMPS)
        yield _most(f"largest error elsewhere, {name}", "full scale", error.elsewhere, MOST_ELSEWHERE)
    yield _most("largest error at a loop's seam", "full scale", seam_error(page), MOST_IN_RAMPS)
    drift = drift_samples(clicks_of_ten_minutes(page))
    yield _most("drift between stems in 10 minutes", "samples", float(drift), 0.0)


def _opening(page: Page, times: int) -> Iterator[Metric]:
    """How soon the page can play with an empty cache, over what its bytes need on the network."""
    found = trial_page.open_again(page, bits_per_s=BITS_PER_S, times=times)
    over = [each.playable_s - each.bytes * trial_page.BITS / BITS_PER_S for each in found]
    size_mb = found[0].bytes / 1e6
    what = f"page open to playable at {BITS_PER_S / 1e6:.0f} Mbit/s, {size_mb:.1f} MB"
    needed_s = statistics.median(each.bytes * trial_page.BITS / BITS_PER_S for each in found)
    playable_s = [each.playable_s for each in found]
    yield Metric(BENCH, what, "s", statistics.median(playable_s), limit=needed_s, ours_best=min(playable_s))
    yield _most_of("the same, over bytes / bandwidth", "s", over, MOST_OVER_BANDWIDTH_S)
    yield _most("decoded audio of the default study", "MB", trial_page.decoded_bytes(page) / 1e6, MOST_MB)


def _playing(page: Page, times: int) -> Iterator[Metric]:
    yield _most_of("pressing Play to sound", "s", trial_page.play_to_sound_s(page, times=times), MOST_TO_SOUND_S)


def _switching(page: Page, times: int) -> Iterator[Metric]:
    found = [1000 * each for each in trial_page.input_to_ramp_end_s(page, times=times)]
    yield _most_of(f"input to the ramp's end, median of {len(found)}", "ms", found, MOST_TO_RAMP_END_MS)
    yield _most("the same, the slowest", "ms", max(found), MOST_TO_RAMP_END_MS)


def _most(what: str, unit: str, ours: float, most: float) -> Metric:
    return Metric(BENCH, what, unit, ours, goal=Goal("ours", "at_most", most))


def _most_of(what: str, unit: str, runs: Sequence[float], most: float) -> Metric:
    goal = Goal("ours", "at_most", most)
    return Metric(BENCH, what, unit, statistics.median(runs), goal=goal, ours_best=min(runs))
