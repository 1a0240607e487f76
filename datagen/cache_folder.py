"""The per-host cache folder: decoded audio and file hashes that can always be made again."""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from pathlib import Path

CACHE_VARIABLE = "MIXTRIAL_CACHE"


class CacheFolderError(ValueError):
    """The cache folder cannot be made."""


def cache_folder() -> Path:
    """The cache folder of this host, made if missing.

    `MIXTRIAL_CACHE` decides; without it the user's own cache folder (XDG, or Library/Caches on macOS). Raises
    CacheFolderError.
    """
    folder = _chosen_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CacheFolderError(
            f"the cache folder {folder} cannot be made ({error.strerror}); set {CACHE_VARIABLE} to a folder of yours"
        ) from error
    return folder


def write_note(path: Path, content: bytes) -> None:
    """Write a file of the cache in one step. A full disk or a missing permission only costs time later: no error."""
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    with contextlib.suppress(OSError):
        partial.unlink(missing_ok=True)


def _chosen_folder() -> Path:
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser().resolve()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mixtrial"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mixtrial"
