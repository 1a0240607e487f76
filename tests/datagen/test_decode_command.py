"""`python -m datagen decode PATH`: many files, resumable, problems named."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from datagen.__main__ import main
from datagen.decode_all import plan_decoding
from datagen.decoded_store import OWNER_FILE, new_folder, store_folder
from datagen.stem_mp4 import open_stem_mp4, stem_mp4_facts
from tests.bench.stem_songs import write_long_stem_mp4
from tests.datagen.making_stems import four_stems, write_song_mp4

ROOT = Path(__file__).parents[2]


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """Three short songs."""
    folder = tmp_path / "songs"
    folder.mkdir()
    for number in range(3):
        write_song_mp4(folder / f"Band - Song {number}.stem.mp4", four_stems(seconds=1.0 + number / 10))
    return folder


def test_all_files_are_decoded_and_the_size_is_stated_first(songs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decode", str(songs), "--jobs", "2"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("0 decoded already, 3 to go: 0.00 GiB into ")
    assert out[-1].startswith("3 of 3: ")
    assert len(list(store_folder().iterdir())) == 3


def test_a_second_run_goes_on_where_the_first_stopped(songs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_stem_mp4(songs / "Band - Song 1.stem.mp4")
    assert main(["decode", str(songs)]) == 0
    assert capsys.readouterr().out.startswith("1 decoded already, 2 to go")
    assert main(["decode", str(songs)]) == 0
    assert capsys.readouterr().out.startswith("3 decoded already, 0 to go")


def test_the_size_is_four_bytes_a_sample(songs: Path) -> None:
    plan = plan_decoding([songs / "Band - Song 0.stem.mp4"])
    assert plan.needed_bytes == 44_100 * 4 * 2 * 4


def test_a_damaged_file_is_named_and_the_others_are_decoded(songs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = songs / "Band - Song 0.stem.mp4"
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 100
    content[start : start + 8000] = bytes(8000)
    path.write_bytes(content)
    assert main(["decode", str(songs)]) == 1
    assert "Band - Song 0.stem.mp4: decoded" in capsys.readouterr().err
    assert len(list(store_folder().iterdir())) == 2


def test_a_disk_that_is_too_small_is_named_before_anything_is_written(
    songs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    assert main(["decode", str(songs)]) == 1
    assert "MIXTRIAL_CACHE" in capsys.readouterr().err
    assert list(store_folder().iterdir()) == []


def test_a_decode_that_is_killed_half_way_leaves_the_store_as_it_was_and_is_made_again(tmp_path: Path) -> None:
    song = tmp_path / "Band - Long Song.stem.mp4"
    write_long_stem_mp4(song, seconds=80)
    command = [sys.executable, "-m", "datagen", "decode", str(song)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in store_folder().glob("partial-*/pcm.f32")):
        assert time.monotonic() < deadline
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert all(path.name.startswith("partial-") for path in store_folder().iterdir())
    assert main(["decode", str(song)]) == 0
    assert len(list(store_folder().iterdir())) == 1
    track = open_stem_mp4(song)
    assert track.about.frames == stem_mp4_facts(song).frames
    assert np.abs(track.pcm[-44_100:]).max(axis=(0, 2)).min() > 0.05


def test_a_file_size_limit_stops_a_decode_and_leaves_the_store_as_it_was(songs: Path) -> None:
    open_stem_mp4(songs / "Band - Song 1.stem.mp4")
    before = sorted(store_folder().iterdir())
    command = f'ulimit -f 1000; exec "{sys.executable}" -m datagen decode "{songs}" --jobs 1'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "Band - Song 0.stem.mp4: [Errno 27] File too large" in done.stderr
    assert "Band - Song 2.stem.mp4: [Errno 27] File too large" in done.stderr
    assert sorted(store_folder().iterdir()) == before


def test_what_a_killed_decode_left_is_cleared_by_the_next_one(songs: Path) -> None:
    left = store_folder() / "partial-killed"
    left.mkdir()
    (left / "pcm.f32").write_bytes(bytes(1000))
    (left / OWNER_FILE).touch()
    assert main(["decode", str(songs)]) == 0
    assert len(list(store_folder().iterdir())) == 3


def test_what_another_decode_is_writing_is_let_be(songs: Path) -> None:
    with new_folder() as folder:
        (folder / "pcm.f32").write_bytes(bytes(1000))
        assert main(["decode", str(songs)]) == 0
        assert (folder / "pcm.f32").stat().st_size == 1000
