"""`.stem.mp4`: decoded once, exactly, in a limited process; whatever is wrong with a file is said by name."""

from __future__ import annotations

import errno
import json
import os
import shutil
import struct
import subprocess
import sys
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest

from datagen.decoded_store import store_folder
from datagen.stem_mp4 import (
    DecoderMissingError,
    DiskFullError,
    StemMp4Error,
    mixture_residual_db,
    open_stem_mp4,
    stem_mp4_facts,
)
from tests.datagen.making_stems import AAC_FRAME, Audio, four_stems, noise, write_song_mp4, write_stem_mp4

FRAMES = 268_288


def decoded_alone(path: Path, stream: int) -> Audio:
    """One stream decoded by opening the file for it alone."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=stream)], axis=1)


def clicks(*, frames: int = 44_100, at: int = 20_000) -> Audio:
    audio = np.zeros((2, frames), np.float32)
    audio[:, at] = 0.8
    return audio


def damaged(falcon: Path, tmp_path: Path, edit: dict[int, bytes]) -> Path:
    content = bytearray(falcon.read_bytes())
    for position, replacement in edit.items():
        content[position : position + len(replacement)] = replacement
    path = tmp_path / "damaged.stem.mp4"
    path.write_bytes(content)
    return path


def test_the_real_file_decodes_to_its_four_stems_sample_for_sample(falcon: Path) -> None:
    track = open_stem_mp4(falcon)
    stems = track.read(start_samples=0, length_samples=FRAMES)
    assert track.about.stems == ("drums", "bass", "other", "vocals")
    assert stems.shape == (4, 2, FRAMES)
    for position in range(4):
        np.testing.assert_array_equal(stems[position], decoded_alone(falcon, position + 1))


def test_the_real_files_mastered_mixture_is_far_from_the_sum_of_its_stems(falcon: Path) -> None:
    mixture = decoded_alone(falcon, 0).astype(np.float64)
    residual = mixture - sum(decoded_alone(falcon, stream).astype(np.float64) for stream in range(1, 5))
    expected_db = 10 * np.log10((residual**2).sum() / (mixture**2).sum())
    assert mixture_residual_db(falcon) == pytest.approx(expected_db, abs=1e-3)


def test_a_second_read_does_not_decode_again(falcon: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_stem_mp4(falcon)
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    again = open_stem_mp4(falcon)
    np.testing.assert_array_equal(first.pcm, again.pcm)


def test_a_window_is_the_same_slice_of_the_whole(falcon: Path) -> None:
    track = open_stem_mp4(falcon)
    whole = track.read(start_samples=0, length_samples=FRAMES)
    np.testing.assert_array_equal(track.read(start_samples=12_345, length_samples=678), whole[..., 12_345:13_023])


def test_a_click_stays_on_its_frame_in_all_streams_when_one_is_an_aac_frame_short(tmp_path: Path) -> None:
    path = tmp_path / "clicks.stem.mp4"
    write_stem_mp4(path, [clicks(), clicks(), clicks(frames=44_100 - AAC_FRAME), clicks(), clicks()])
    track = open_stem_mp4(path)
    assert track.about.frames == stem_mp4_facts(path).frames == 44_100 - AAC_FRAME
    assert track.about.warnings == ()
    places = np.abs(track.pcm).max(axis=2).argmax(axis=0)
    assert places.tolist() == pytest.approx([20_000] * 4, abs=10)


def test_streams_that_differ_by_more_than_an_aac_frame_are_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "short.stem.mp4"
    write_stem_mp4(path, [clicks(), clicks(), clicks(), clicks(), clicks(frames=30_000)])
    track = open_stem_mp4(path)
    assert track.about.frames == 30_000
    assert any("different length" in warning and "vocals 30,000" in warning for warning in track.about.warnings)


def test_a_truncated_file_says_how_much_of_it_decoded(falcon: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.stem.mp4"
    write_stem_mp4(whole, [noise(seed, seconds=3.0) for seed in range(5)], options={"movflags": "+faststart"})
    path = tmp_path / "cut.stem.mp4"
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    with pytest.raises(StemMp4Error, match=r"cut\.stem\.mp4: decoded [\d,]+ of 132,300 frames"):
        open_stem_mp4(path)
    assert list(store_folder().iterdir()) == []


def test_a_damaged_packet_is_named_with_its_time(falcon: Path, tmp_path: Path) -> None:
    content = falcon.read_bytes()
    middle = content.index(b"mdat") + 400_000
    with pytest.raises(StemMp4Error, match=r"decoded [\d,]+ of 268,288 frames"):
        open_stem_mp4(damaged(falcon, tmp_path, {middle: bytes(60_000)}))


def test_too_few_streams_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "two.stem.mp4"
    write_stem_mp4(path, [clicks(), clicks()])
    with pytest.raises(StemMp4Error, match=r"2 audio streams, expected 5 \(mixture, drums, bass, other, vocals\)"):
        stem_mp4_facts(path)


def test_different_sample_rates_are_refused(falcon: Path, tmp_path: Path) -> None:
    position = falcon.read_bytes().index(b"mdhd") + 16
    with pytest.raises(StemMp4Error, match="different sample rates: 44100, 48000"):
        stem_mp4_facts(damaged(falcon, tmp_path, {position: struct.pack(">I", 48_000)}))


def test_an_index_that_claims_hours_is_refused_before_a_decoder_sees_it(
    falcon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = falcon.read_bytes()
    table = content.index(b"stts")
    ticks = table + 16
    header = content.index(b"mdhd") + 20
    lie = damaged(falcon, tmp_path, {ticks: struct.pack(">I", 10**7), header: struct.pack(">I", 2**32 - 1)})
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(StemMp4Error, match=r"claims 16\.5 hours, more than any song"):
        open_stem_mp4(lie)


def test_a_missing_decoder_names_the_requirements_file(falcon: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(DecoderMissingError, match=r"pip install -r requirements/stems\.txt"):
        open_stem_mp4(falcon)


def test_a_disk_without_room_is_named_before_decoding(falcon: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    with pytest.raises(DiskFullError, match="MIXTRIAL_CACHE"):
        open_stem_mp4(falcon)


def test_a_half_written_decode_is_made_again(falcon: Path) -> None:
    before = np.array(open_stem_mp4(falcon).pcm)
    (stored,) = store_folder().iterdir()
    with (stored / "pcm.f32").open("r+b") as file:
        file.truncate(1000)
    np.testing.assert_array_equal(open_stem_mp4(falcon).pcm, before)


def test_a_killed_decode_leaves_nothing_that_is_taken_for_a_track(falcon: Path, tmp_path: Path) -> None:
    (store_folder() / "partial-killed").mkdir()
    (store_folder() / "partial-killed" / "pcm.f32").write_bytes(bytes(1000))
    assert open_stem_mp4(falcon).about.frames == FRAMES


def test_a_damaged_description_is_made_again(falcon: Path) -> None:
    open_stem_mp4(falcon)
    (stored,) = store_folder().iterdir()
    (stored / "about.json").write_text("{", encoding="utf-8")
    assert open_stem_mp4(falcon).about.frames == FRAMES


def test_names_with_accents_and_signs_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "Mu\u0308ller - #1 50%?.stem.mp4"
    write_song_mp4(path, four_stems(seconds=1.0))
    assert open_stem_mp4(path).about.frames == 44_100


def test_the_decoder_stops_at_its_memory_limit(falcon: Path, tmp_path: Path) -> None:
    limits = {"memory_bytes": 2**20, "cpu_seconds": 30, "file_bytes": 2**30}
    answer = run_decoder(falcon, tmp_path, limits)
    assert "error" in answer


def test_the_decoder_stops_at_its_file_size_limit(falcon: Path, tmp_path: Path) -> None:
    limits = {"memory_bytes": 2**30, "cpu_seconds": 30, "file_bytes": 2**20}
    answer = run_decoder(falcon, tmp_path, limits)
    assert answer["kind"] == "OSError"
    assert (tmp_path / "pcm.f32").stat().st_size <= 2**20


def run_decoder(path: Path, folder: Path, limits: dict[str, int]) -> dict[str, object]:
    """What the decoding process answers under these limits; its own abort counts as an error."""
    request = {
        "task": "decode",
        "path": str(path),
        "out": str(folder / "pcm.f32"),
        "frames": FRAMES,
        "sample_rate": 44_100,
        "streams": [1, 2, 3, 4],
        "tolerance": AAC_FRAME,
        "limits": limits,
    }
    command = [sys.executable, "-m", "datagen.stem_mp4_decoder", json.dumps(request)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    answer: dict[str, object] = json.loads(done.stdout) if done.stdout else {"error": done.returncode}
    return answer


def test_two_decodes_of_the_same_song_at_once_give_one_track(falcon: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(open_stem_mp4, [falcon, falcon])
    np.testing.assert_array_equal(one.pcm, other.pcm)
    assert len(list(store_folder().iterdir())) == 1


def test_a_decoder_that_is_killed_is_named_and_nothing_is_kept(
    falcon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", script(tmp_path, "kill -9 $$"))
    with pytest.raises(StemMp4Error, match=r"Falcon 69\.stem\.mp4: the decoder stopped \(signal 9\)"):
        open_stem_mp4(falcon)
    assert list(store_folder().iterdir()) == []


def test_a_disk_that_fills_up_while_the_samples_are_written_is_named(
    falcon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = json.dumps({"error": "[Errno 28] No space left on device", "kind": "OSError", "errno": errno.ENOSPC})
    monkeypatch.setattr(sys, "executable", script(tmp_path, f"echo '{answer}'"))
    with pytest.raises(DiskFullError, match="filled up while decoding; nothing was kept"):
        open_stem_mp4(falcon)
    assert list(store_folder().iterdir()) == []


@pytest.mark.parametrize(("number", "error"), [(errno.ENOSPC, DiskFullError), (errno.EIO, StemMp4Error)])
def test_a_disk_that_fails_when_a_decode_is_to_be_kept_is_named(
    falcon: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[StemMp4Error]
) -> None:
    """The system's refusal is played: no test can fill a disk."""

    def refusing(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refusing)
    with pytest.raises(error, match=r"Falcon 69\.stem\.mp4: "):
        open_stem_mp4(falcon)
    assert list(store_folder().iterdir()) == []


def test_packets_that_lie_on_top_of_each_other_are_refused(
    falcon: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that points at the same bytes over and over makes hours out of a small file."""
    sizes = falcon.read_bytes().index(b"stsz") + 8
    lie = damaged(falcon, tmp_path, {sizes: struct.pack(">I", 100_000)})
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(StemMp4Error, match=r"its index lists [\d,]+ bytes of audio, the file has 950,721"):
        open_stem_mp4(lie)


def test_limits_that_are_set_already_are_kept() -> None:
    """A cluster's own limits may be lower, and raising them is refused to everybody but the administrator."""
    code = (
        "import resource; from datagen.stem_mp4_decoder import limit_this_process\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
        "limit_this_process(memory_bytes=2**30, cpu_seconds=30, file_bytes=2**30)\n"
        "print(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == ["40", "40"], done.stderr


def script(folder: Path, line: str) -> str:
    """A program that takes the place of the decoder's interpreter."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
    return str(path)
