"""SHA-256 of source files, remembered in the cache folder so that a large file is read once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from datagen.cache_folder import cache_folder, write_note

SHA256 = re.compile(r"[0-9a-f]{64}")


def sha256_of_file(path: Path) -> str:
    """SHA-256 of one file's bytes as hex; remembered until its size or modification time changes."""
    note = _note_path(path)
    if known := _noted(note):
        return known
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    write_note(note, digest.encode("ascii"))
    return digest


def sha256_of_files(paths: Sequence[Path]) -> str:
    """One hash for a track: the file's own for a single file, else the hash of the files' hashes in order."""
    if len(paths) == 1:
        return sha256_of_file(paths[0])
    return hashlib.sha256("\n".join(sha256_of_file(path) for path in paths).encode("ascii")).hexdigest()


def _noted(note: Path) -> str:
    """The hash in a note; empty when there is none, or when a crash left it empty or cut off."""
    try:
        text = note.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return ""
    return text if SHA256.fullmatch(text) else ""


def _note_path(path: Path) -> Path:
    stat = path.stat()
    identity = f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}"
    return cache_folder() / "hashes" / hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()
