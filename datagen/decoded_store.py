"""Decoded tracks, one folder each, memory-mapped: a window is one contiguous read and a mix one matrix product.

A folder holds `pcm.f32` (float32, [frame, stem, channel]) and `about.json`, written last. Its name is the hash of the
source file, so the store can be deleted at any time and is filled again.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.cache_folder import cache_folder

STORE_VERSION = 1
PCM_FILE = "pcm.f32"
OWNER_FILE = "owner"
"""Locked by the process that decodes into a folder; the system lets go of the lock when that process ends."""
ABANDONED_AFTER_S = 60
"""A folder without an owner's file is cleared after this long: its owner was killed before it could make one."""


@dataclass(frozen=True)
class About:
    """What a decoded track is."""

    source_sha256: str
    source_name: str
    frames: int
    sample_rate: int
    stems: tuple[str, ...]
    warnings: tuple[str, ...]
    decoder: str


@dataclass(frozen=True)
class DecodedTrack:
    """A decoded track, mapped read-only."""

    about: About
    pcm: NDArray[np.float32]
    """[frames, stems, 2]"""

    def read(self, *, start_samples: int, length_samples: int) -> NDArray[np.float32]:
        """A window as a float32 copy [stems, 2, samples]."""
        window = self.pcm[start_samples : start_samples + length_samples]
        return np.ascontiguousarray(window.transpose(1, 2, 0))


def store_folder() -> Path:
    """Where decoded tracks are kept on this host."""
    folder = cache_folder() / "decoded"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def open_decoded(source_sha256: str) -> DecodedTrack | None:
    """The decoded track of a source file, or None when it is not in the store or not whole."""
    folder = _track_folder(source_sha256)
    try:
        about = _about_from_json(json.loads((folder / "about.json").read_text(encoding="utf-8")))
        stored_bytes = (folder / PCM_FILE).stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        return None
    shape = (about.frames, len(about.stems), 2)
    if about.source_sha256 != source_sha256 or stored_bytes != 4 * about.frames * len(about.stems) * 2:
        return None
    return DecodedTrack(about, np.memmap(folder / PCM_FILE, np.float32, mode="r", shape=shape))


@contextmanager
def new_folder() -> Iterator[Path]:
    """An empty folder inside the store to decode into; gone afterwards unless it was kept by keep_decoded."""
    _clear_abandoned()
    folder = Path(tempfile.mkdtemp(prefix="partial-", dir=store_folder()))
    try:
        with (folder / OWNER_FILE).open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_decoded(folder: Path, about: About) -> None:
    """Make a freshly decoded folder the store's, in one step; another process's equal decode may have come first."""
    with (folder / "about.json").open("x", encoding="utf-8") as file:
        json.dump(asdict(about), file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    (folder / OWNER_FILE).unlink()
    target = _track_folder(about.source_sha256)
    if target.exists() and open_decoded(about.source_sha256) is None:
        shutil.rmtree(target, ignore_errors=True)
    try:
        folder.rename(target)
    except OSError:
        if open_decoded(about.source_sha256) is None:
            raise


def pcm_path(source_sha256: str) -> Path:
    """Where the samples of a decoded track lie."""
    return _track_folder(source_sha256) / PCM_FILE


def _track_folder(source_sha256: str) -> Path:
    return store_folder() / f"{source_sha256}-v{STORE_VERSION}"


def _about_from_json(data: dict[str, Any]) -> About:
    return About(**{**data, "stems": tuple(data["stems"]), "warnings": tuple(data["warnings"])})


def _clear_abandoned() -> None:
    for folder in store_folder().glob("partial-*"):
        if _is_abandoned(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        with (folder / OWNER_FILE).open("r") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except FileNotFoundError:
        return folder.is_dir() and time.time() - folder.stat().st_mtime > ABANDONED_AFTER_S
    except OSError:
        return False
