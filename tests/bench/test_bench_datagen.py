"""The data engine's bench on tiny sizes: every line is whole, and what is compared does the same work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bench.bench_datagen import run
from tests.bench.datagen_songs import Sizes, Songs, make_songs, own_folder
from tests.bench.datagen_windows import GAINS, random_starts, window_ways
from tests.bench.peer_process import PEERS_VARIABLE, running_peers, what_peers_lack
from tests.bench.test_harness import KEYS
from tests.datagen.making_stems import RATE

TINY = Sizes(song_s=8.0, window_s=2, windows=10, recipes=1_000, gate_songs=1, pool_tracks=2, repeats=1)


@pytest.fixture(scope="module")
def songs() -> Iterator[Songs]:
    with own_folder() as folder:
        yield make_songs(folder, TINY)


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """All lines where no peer is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PEERS_VARIABLE, "/nowhere/python")
        return [json.loads(metric.as_json()) for metric in run(TINY)]


def test_every_line_has_all_keys_and_says_why_where_nothing_is_decided(lines: list[dict[str, Any]]) -> None:
    wrong = [row for row in lines if list(row) != [*KEYS, *(["why"] if row["holds"] is None else [])]]
    assert wrong == []


def test_every_goal_of_the_data_engine_has_its_line(lines: list[dict[str, Any]]) -> None:
    goals = [row["goal"] for row in lines if row["goal"]]
    assert sorted(goals) == sorted(
        [
            *["ours ≤ 5", "ours ≤ 5", "ours ≤ 100"],
            *["ratio_to_peer ≤ 1"] * 4,
            *["ours ≥ 1500", "ratio_to_peer ≥ 3.5", "ratio_to_peer ≥ 3.5", "ratio_to_peer ≥ 40", "ratio_to_peer ≥ 40"],
            "ratio_to_limit ≤ 1.1",
            *["ratio_to_peer ≥ 50", "ours ≤ 0.01"],
        ]
    )


def test_less_than_a_goal_speaks_of_decides_nothing(lines: list[dict[str, Any]]) -> None:
    short = {row["metric"]: row for row in lines if row["goal"] in {"ours ≤ 5", "ours ≤ 100", "ratio_to_limit ≤ 1.1"}}
    assert {row["holds"] for row in short.values()} == {None}
    assert all("1,000 recipes" in row["why"] or "10 windows of 100,000" in row["why"] for row in short.values())


def test_missing_peers_leave_our_own_figure_and_say_what_to_do(lines: list[dict[str, Any]]) -> None:
    decoding = [row for row in lines if row["metric"].startswith("decoding")]
    assert len(decoding) == 4
    assert all(row["ours"] and row["peer"] is None and "stempeg and musdb" in row["why"] for row in decoding)


def test_without_ffmpeg_the_apt_line_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "need ffmpeg and ffprobe in PATH (Debian, Ubuntu: apt install ffmpeg)" in what_peers_lack()


@pytest.mark.parametrize("way", ["from the start", "seeking"])
def test_every_way_of_decoding_gives_the_stores_mixes(songs: Songs, way: str) -> None:
    ways, starts = window_ways(songs, TINY, None), random_starts(songs, TINY)
    start = next(starts)
    np.testing.assert_allclose(ways[way](start), ways["store"](start), atol=1e-6)


def test_soundfile_gives_the_mixes_of_the_wav_files_in_place(songs: Songs) -> None:
    ways = window_ways(songs, TINY, None)
    ours, theirs = (np.asarray(ways[name](12_345)) for name in ("wav", "soundfile"))
    np.testing.assert_allclose(theirs.transpose(0, 2, 1), ours, atol=1e-6)


@pytest.mark.skipif(bool(what_peers_lack()), reason=what_peers_lack())
@pytest.mark.parametrize("reader", ["stempeg", "musdb"])
def test_a_peer_reads_the_samples_that_the_store_holds(songs: Songs, reader: str) -> None:
    start, length = 2 * RATE, TINY.window_s * RATE
    ours = np.asarray(window_ways(songs, TINY, None)["store"](start))
    with running_peers(songs.root) as peers:
        assert peers is not None
        found = peers.look(reader, start_s=start / RATE, seconds=length / RATE, gains=GAINS.tolist())
    assert found["samples"] == length
    np.testing.assert_allclose(found["rms"], np.sqrt((ours**2).mean(axis=(1, 2))), rtol=1e-3)
