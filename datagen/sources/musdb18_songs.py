"""A Track of MUSDB18 from its name, for both of its layouts."""

from __future__ import annotations

from pathlib import Path

from datagen.sources.musdb18_facts import errata_of, song_facts
from datagen.sources.track import Track
from datagen.words import STEMS


def song_track(
    name: str,
    *,
    folder: str,
    length_samples: int,
    sample_rate: int,
    source_files: tuple[Path, ...],
    warnings: tuple[str, ...],
) -> Track:
    """The track called `<artist> - <title>`, with the facts that are known about it.

    `folder` is the name of the folder it lies in; `train` and `test` decide the split of songs outside the list.
    A song outside the list has an unknown licence, so it is neither served nor published.
    """
    artist, _, title = name.partition(" - ")
    facts = song_facts(name)
    licence = facts.licence if facts else "unknown"
    notes = [*warnings, *filter(None, (errata_of(name), _split_warning(name, folder)))]
    if facts is None:
        notes.append("not one of MUSDB18's 150 songs: its licence is unknown, so it may not be served")
    return Track(
        key=name,
        title=title or name,
        artist=artist if title else "",
        genre=facts.genre if facts else "",
        licence=licence,
        attribution=f"{name} ({licence})",
        may_serve=facts.may_serve if facts else False,
        may_publish=False,
        stems=STEMS,
        sample_rate=sample_rate,
        length_samples=length_samples,
        split=facts.split if facts else (folder if folder in ("train", "test") else "train"),
        source_files=source_files,
        warnings=tuple(notes),
    )


def _split_warning(name: str, folder: str) -> str:
    facts = song_facts(name)
    if facts is None or folder not in ("train", "test") or (facts.split == "test") == (folder == "test"):
        return ""
    return f"it lies in {folder}/ but belongs to the official {facts.split} split, which is used"
