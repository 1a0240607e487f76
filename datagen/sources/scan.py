"""Looking through a folder of stems: hidden files are skipped, links that leave the folder are refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from datagen.sources.track import SourceError, Track, Unusable


@dataclass
class Findings:
    """Tracks and problems gathered while a folder is scanned."""

    tracks: dict[str, Track] = field(default_factory=dict)
    unusable: list[Unusable] = field(default_factory=list)

    def add(self, track: Track) -> None:
        """Keep a track; a second one with the same key is left out and named."""
        if track.key in self.tracks:
            self.leave_out(track.key, "the same track was found twice; this one was left out")
        else:
            self.tracks[track.key] = track

    def leave_out(self, name: str, reason: str) -> None:
        """Note something that cannot be used."""
        self.unusable.append(Unusable(name, reason))

    def sorted_tracks(self) -> tuple[Track, ...]:
        """The tracks in the order of their keys."""
        return tuple(self.tracks[key] for key in sorted(self.tracks))


def existing_root(root: str | Path) -> Path:
    """The folder or file a source reads, links resolved. Raises SourceError when it is not there."""
    path = Path(root).expanduser()
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise SourceError(f"{path}: no such file or folder") from error


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


def leaves_root(path: Path, root: Path) -> bool:
    """Whether a path, links resolved, lies outside the (resolved) root."""
    resolved = path.resolve()
    return resolved != root and root not in resolved.parents


def stem_files(folder: Path, suffix: str = ".wav") -> Iterator[tuple[str, Path]]:
    """(name without ending in small letters, path) of the visible audio files of a track's folder."""
    for path in files_with_suffix(folder, suffix):
        yield readable_name(path.name[: -len(suffix)]).lower(), path


def readable_name(name: str) -> str:
    """A file name as people write it: composed accents (NFC), no spaces around it."""
    return unicodedata.normalize("NFC", name).strip()
