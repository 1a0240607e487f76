"""The per-host cache folder: decoded audio and file hashes that can always be made again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CACHE_VARIABLE = "MIXTRIAL_CACHE"


def cache_folder() -> Path:
    """The cache folder of this host, made if missing.

    `MIXTRIAL_CACHE` decides; without it the user's own cache folder (XDG, or Library/Caches on macOS).
    """
    folder = _chosen_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _chosen_folder() -> Path:
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser().resolve()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "mixtrial"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mixtrial"
