"""The window cache: hits by content, survives damage, keeps its limits."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from training.features import FeatureSettings
from training.mix_features import mix_log_mel
from training.whisper_front_end import WhisperSettings
from training.window_cache import WindowCache, content_key

FRONT_END = WhisperSettings(frames=20)
GAINS = [1.0, -0.5]


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (2, FRONT_END.window_samples)).astype(np.float32)


def heard(cache: WindowCache, seed: int = 0) -> np.ndarray:
    return mix_log_mel(cache.window(noise(seed), settings=FRONT_END), GAINS)


def test_the_same_content_is_measured_once(tmp_path: Path) -> None:
    cache = WindowCache(tmp_path)
    first, again = heard(cache), heard(cache)
    assert cache.measured == 1
    assert np.array_equal(first, again)


def test_another_process_finds_it_in_the_folder(tmp_path: Path) -> None:
    before = heard(WindowCache(tmp_path))
    later = WindowCache(tmp_path)
    assert np.array_equal(before, heard(later))
    assert later.measured == 0


def test_one_changed_sample_or_setting_is_another_window() -> None:
    audio = noise(0)
    changed = audio.copy()
    changed[0, 7] += 1e-6
    tiny = FeatureSettings(16000, 400, 160, 128, 20, 1)
    keys = {
        content_key(audio, settings=FRONT_END),
        content_key(changed, settings=FRONT_END),
        content_key(audio, settings=WhisperSettings(frames=20, mel_bands=80)),
        content_key(audio, settings=tiny),
        content_key(audio.reshape(1, -1), settings=FRONT_END),
    }
    assert len(keys) == 5


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text"])
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: str) -> None:
    before = heard(WindowCache(tmp_path))
    (path,) = tmp_path.glob("*.npz")
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    path.write_bytes({"cut": whole[:middle], "flipped": flipped, "empty": b"", "text": b"not an archive"}[damage])
    later = WindowCache(tmp_path)
    assert np.array_equal(before, heard(later))
    assert later.measured == 1
    assert path.read_bytes() == whole


def test_another_windows_content_under_the_name_is_not_believed(tmp_path: Path) -> None:
    heard(WindowCache(tmp_path))
    (path,) = tmp_path.glob("*.npz")
    longer = WhisperSettings(frames=24)
    key = path.stem
    other = WindowCache(tmp_path)
    window = other.find(
        key, settings=longer, measure=lambda: WindowCache(tmp_path / "b").window(noise(0), settings=longer)
    )
    assert window.settings == longer
    assert other.measured == 1


def test_the_folder_keeps_its_limit_and_what_was_used_last(tmp_path: Path) -> None:
    cache = WindowCache(tmp_path, memory_limit_bytes=0)
    for seed in range(3):
        heard(cache, seed)
        for path in tmp_path.glob("*.npz"):
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 10**9))
    size = max(path.stat().st_size for path in tmp_path.glob("*.npz"))
    heard(cache, 0)
    limited = WindowCache(tmp_path, disk_limit_bytes=2 * size)
    heard(limited, 3)
    left = {path.stem for path in tmp_path.glob("*.npz")}
    assert left == {content_key(noise(seed), settings=FRONT_END) for seed in (0, 3)}


def test_memory_keeps_its_limit(tmp_path: Path) -> None:
    cache = WindowCache(tmp_path / "absent", disk_limit_bytes=0, memory_limit_bytes=0)
    heard(cache, 0)
    heard(cache, 1)
    heard(cache, 0)
    assert cache.measured == 3


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = WindowCache(blocked / "windows")
    assert heard(cache).shape == (FRONT_END.mel_bands, FRONT_END.frames)


def test_nothing_partial_stays_in_the_folder(tmp_path: Path) -> None:
    heard(WindowCache(tmp_path))
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]
