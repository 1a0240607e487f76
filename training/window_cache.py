"""Windows that were measured before, by content: hash of the audio and the front end's settings.

In memory the most recent ones, in a folder more of them. The folder is a cache: it can be deleted at any time, files
are written in one step, a damaged one is made again, and the least recently used go when it grows past its limit.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from training.features import FeatureSettings, Floats, settings_to_json
from training.songs_cache import default_cache_folder
from training.window_mel import WindowMel, measure_window

LAYOUT = 1
"""Counted up when the content of the files changes."""
DISK_LIMIT_BYTES = 2 * 2**30
"""About 130 windows of four stems and 30 s in Whisper's front end (15.4 MB each), 13,000 of the tiny base's."""
MEMORY_LIMIT_BYTES = 256 * 2**20


def content_key(mono_stems: Floats, *, settings: FeatureSettings) -> str:
    """The name of a window: SHA-256 of its samples and of everything that decides what is computed from them."""
    named = {"layout": LAYOUT, "shape": mono_stems.shape, "front_end": _front_end(settings)}
    digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(mono_stems, dtype="<f4").tobytes())
    return digest.hexdigest()


def _front_end(settings: FeatureSettings) -> dict[str, int | bool]:
    return {**settings_to_json(settings), "repeats_short_clips": settings.repeats_short_clips}


class WindowCache:
    """Measured windows in memory and in a folder. Several threads and processes may share the folder."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        disk_limit_bytes: int = DISK_LIMIT_BYTES,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self.folder = folder or default_cache_folder() / "windows"
        self.disk_limit_bytes = disk_limit_bytes
        self.memory_limit_bytes = memory_limit_bytes
        self.measured = 0
        """Windows that had to be measured."""
        self._recent: OrderedDict[str, WindowMel] = OrderedDict()
        self._lock = threading.Lock()

    def window(self, mono_stems: Floats, *, settings: FeatureSettings) -> WindowMel:
        """The window of stems float32 [stems, samples]. Raises ClipTooLongError."""
        key = content_key(mono_stems, settings=settings)
        return self.find(key, settings=settings, measure=lambda: measure_window(mono_stems, settings=settings))

    def find(self, key: str, *, settings: FeatureSettings, measure: Callable[[], WindowMel]) -> WindowMel:
        """The window of a key, measured only if it is nowhere yet.

        For callers who know the content by a cheaper name than `content_key`, such as a track's fingerprint with the
        excerpt and `settings`; they need not load any audio for a hit.
        """
        with self._lock:
            found = self._recent.get(key)
        window = found or _read(self._path(key), settings=settings)
        if window is None:
            window = measure()
            self.measured += 1
            self._write(key, window)
        self._remember(key, window)
        return window

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npz"

    def _remember(self, key: str, window: WindowMel) -> None:
        with self._lock:
            self._recent[key] = window
            self._recent.move_to_end(key)
            while len(self._recent) > 1 and self._recent_bytes() > self.memory_limit_bytes:
                self._recent.popitem(last=False)

    def _recent_bytes(self) -> int:
        return sum(window.factors.nbytes for window in self._recent.values())

    def _write(self, key: str, window: WindowMel) -> None:
        """Store a window. A full disk or a missing permission only costs time later: no error."""
        if window.factors.nbytes > self.disk_limit_bytes:
            return
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(suffix=".partial", dir=self.folder)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    np.savez(stream, allow_pickle=False, factors=window.factors, about=_about(window))
                Path(name).replace(self._path(key))
            finally:
                Path(name).unlink(missing_ok=True)
            _evict(self.folder, limit_bytes=self.disk_limit_bytes)


def _about(window: WindowMel) -> str:
    about = {"stems": window.stems, "heard_frames": window.heard_frames, "front_end": _front_end(window.settings)}
    return json.dumps(about, sort_keys=True)


def _read(path: Path, *, settings: FeatureSettings) -> WindowMel | None:
    """A stored window; None where there is none, or what is there is damaged (the archive carries check sums)."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            factors, about = np.asarray(stored["factors"], dtype=np.float32), json.loads(str(stored["about"]))
        window = WindowMel(factors, int(about["stems"]), int(about["heard_frames"]), settings)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # what is used stays
    pairs = window.stems * (window.stems + 1) // 2
    expected = (pairs, settings.mel_bands * window.heard_frames)
    return window if json.dumps(about, sort_keys=True) == _about(window) and factors.shape == expected else None


def _evict(folder: Path, *, limit_bytes: int) -> None:
    """Delete the least recently used files until the rest keeps the limit."""
    files = [(entry.stat(), Path(entry.path)) for entry in os.scandir(folder) if entry.name.endswith(".npz")]
    total = sum(status.st_size for status, _ in files)
    for status, path in sorted(files, key=lambda file: (file[0].st_mtime_ns, file[1].name)):
        if total <= limit_bytes:
            return
        path.unlink(missing_ok=True)
        total -= status.st_size
