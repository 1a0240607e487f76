"""Looking through a folder of stems: hidden files are skipped, links that leave the folder are refused."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from datagen.sources.track import SourceError

FOLLOW_LINKS_VARIABLE = "MIXTRIAL_FOLLOW_LINKS"


def existing_root(root: str | Path) -> Path:
    """The folder or file a source reads, links resolved. Raises SourceError when it is not there or cannot be read."""
    path = Path(root).expanduser()
    try:
        resolved = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError(f"{path}: no such file or folder") from error
    if resolved.is_dir():
        visible_children(resolved)
    return resolved


def visible_children(folder: Path) -> list[Path]:
    """Files and folders of a folder, sorted by name, without hidden ones (`.DS_Store`, `._vocals.wav`).

    Raises SourceError when the folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise SourceError(f"{folder}: cannot be read ({error.strerror}); check its permissions") from error


def files_with_suffix(folder: Path, suffix: str) -> list[Path]:
    """Visible files of a folder with this ending, whatever its case."""
    return [path for path in visible_children(folder) if path.name.lower().endswith(suffix) and path.is_file()]


def holds_file(path: Path) -> bool:
    """Whether a file is there; also where its folder cannot be read, so that this is reported and not overlooked."""
    try:
        return path.is_file()
    except PermissionError:
        return True


def stem_files(folder: Path, suffix: str = ".wav") -> Iterator[tuple[str, Path]]:
    """(name without ending in small letters, path) of the visible audio files of a track's folder."""
    for path in files_with_suffix(folder, suffix):
        yield readable_name(path.name[: -len(suffix)]).lower(), path


def check_links(paths: Iterable[Path], root: Path) -> None:
    """Raise SourceError naming every path that, links resolved, lies outside the (resolved) root.

    `MIXTRIAL_FOLLOW_LINKS=1` allows it, for web server, worker and commands alike.
    """
    if os.environ.get(FOLLOW_LINKS_VARIABLE) == "1":
        return
    outside = [path.name for path in paths if not path.resolve().is_relative_to(root)]
    if outside:
        names, way_out = ", ".join(outside), f"copy the file, or set {FOLLOW_LINKS_VARIABLE}=1"
        raise SourceError(f"{names}: a link that leads out of the folder; {way_out}")


def readable_name(name: str) -> str:
    """A file name as people write it: composed accents (NFC), no spaces around it."""
    return unicodedata.normalize("NFC", name).strip()
