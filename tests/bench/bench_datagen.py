"""The data engine: recipes, decoding `.stem.mp4`, mixing random windows, loudness of gain sets; on songs made here."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.datagen_decoding import measure_decoding
from tests.bench.datagen_drift import GOAL_WINDOWS, measure_drift
from tests.bench.datagen_loudness import measure_loudness
from tests.bench.datagen_recipes import measure_recipes
from tests.bench.datagen_songs import Sizes, make_songs, own_folder
from tests.bench.datagen_windows import measure_windows
from tests.bench.metric import Metric
from tests.bench.peer_process import running_peers


def run(sizes: Sizes | None = None) -> list[Metric]:
    """All metrics of this bench."""
    sizes = sizes or Sizes()
    with own_folder() as folder:
        songs = make_songs(folder, sizes)
        with running_peers(songs.root) as peers:
            against_peers = [*measure_decoding(songs, sizes, peers), *measure_windows(songs, sizes, peers)]
        return [
            *measure_recipes(folder, sizes),
            *against_peers,
            *measure_drift(songs, sizes),
            *measure_loudness(sizes),
        ]


def run_long() -> list[Metric]:
    """The same over all the windows that the goal speaks of, which takes a quarter of an hour."""
    return run(replace(Sizes(), windows=GOAL_WINDOWS))
