"""Decoding a `.stem.mp4`, beside stempeg and musdb on the same file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import av

from datagen.cache_folder import CACHE_VARIABLE
from datagen.stem_mp4 import open_stem_mp4
from tests.bench.datagen_songs import BENCH, Sizes, Songs
from tests.bench.metric import Goal, Metric
from tests.bench.peer_process import Peers, what_peers_lack
from tests.bench.timing import Timing, measure_interleaved

PEERS = ("stempeg", "musdb")


def measure_decoding(songs: Songs, sizes: Sizes, peers: Peers | None) -> list[Metric]:
    """Seconds of clock and of CPU, against each peer.

    Ours hashes the file, decodes in a limited process that is started for it, and leaves the samples mapped in the
    store; the peers, running already, give arrays. All read the four stems, none the mixture.
    """
    candidates: dict[str, Callable[[], object]] = {
        "ours": lambda: _decode_into_store(songs.stem_mp4),
        "limit": lambda: decode_only(songs.stem_mp4),
    }
    if peers is not None:
        asked = peers
        candidates |= {name: lambda name=name: asked.ask(name) for name in PEERS}  # type: ignore[misc]
    times = measure_interleaved(candidates, repeats=sizes.repeats)
    return [metric for name in PEERS for metric in _against(name, times, songs, peers)]


def _against(name: str, times: dict[str, Timing], songs: Songs, peers: Peers | None) -> list[Metric]:
    ours, limit, theirs = times["ours"], times["limit"], times.get(name)
    peer_name = f"{name} {peers.versions[name]}" if peers is not None else None
    goal = Goal("ratio_to_peer", "at_most", 1.0)
    what = f"decoding {songs.seconds:.0f} s of .stem.mp4 into the mapped store, against {name}"
    return [
        Metric(
            BENCH, f"{what}, clock", "s", ours.median_s, theirs and theirs.median_s, peer_name, limit.median_s, goal,
            why=what_peers_lack(), ours_best=ours.minimum_s, peer_best=theirs and theirs.minimum_s,
        ),
        Metric(
            BENCH, f"{what}, CPU", "s", ours.cpu_median_s, theirs and theirs.cpu_median_s, peer_name,
            limit.cpu_median_s, goal,
            why=what_peers_lack(), ours_best=ours.cpu_minimum_s, peer_best=theirs and theirs.cpu_minimum_s,
        ),
    ]  # fmt: skip


def _decode_into_store(path: Path) -> None:
    shutil.rmtree(Path(os.environ[CACHE_VARIABLE]), ignore_errors=True)
    open_stem_mp4(path)


def decode_only(path: Path) -> int:
    """Decode the four stems in one pass on one thread and keep nothing: what no reader with this decoder can beat."""
    samples = 0
    with av.open(str(path)) as container:
        for packet in container.demux(*container.streams.audio[1:5]):
            for frame in packet.decode():
                samples += frame.samples
    return samples
