"""MUSDB18-HQ: a folder a song with drums.wav, bass.wav, other.wav and vocals.wav, in train/ and test/."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from datagen.sources.file_source import Findings, Layout
from datagen.sources.musdb18_facts import EXCLUDED
from datagen.sources.musdb18_songs import song_track
from datagen.sources.scan import check_links, readable_name, stem_files, visible_children
from datagen.sources.track import SourceError, Track
from datagen.sources.wav_track import WavStems, check_wav_stems
from datagen.words import STEMS


def looks_like(root: Path) -> bool:
    """Whether a path holds songs in this layout."""
    return root.is_dir() and bool(song_folders(root))


def scan(root: Path) -> Findings:
    """The songs of a root; only headers are read."""
    findings = Findings()
    for folder in song_folders(root):
        findings.attempt(readable_name(folder.name), partial(_song, folder, root))
    return findings


def _song(folder: Path, root: Path) -> tuple[Track, WavStems]:
    """Check one song's folder. Raises SourceError with all its problems."""
    files = dict(stem_files(folder))
    check_links((files[name] for name in (*STEMS, "mixture") if name in files), root)
    stems = check_wav_stems(files, STEMS, mixture=files.get("mixture"))
    track = song_track(
        readable_name(folder.name),
        folder=folder.parent.name,
        length_samples=stems.length_samples,
        sample_rate=stems.sample_rate,
        source_files=tuple(files[stem] for stem in STEMS),
        warnings=stems.warnings,
    )
    return track, stems


def song_folders(root: Path) -> list[Path]:
    """Folders that hold at least two of the stems by name, so that an incomplete song is reported, not overlooked."""
    if _is_song(root):
        return [root]
    parents = [root, *(root / name for name in ("train", "test") if (root / name).is_dir())]
    return [folder for parent in parents for folder in visible_children(parent) if _is_song(folder)]


LAYOUT = Layout(
    name="musdb18_hq",
    looked_for="a folder a song with drums.wav, bass.wav, other.wav and vocals.wav, alone or in train/ and test/ "
    "(MUSDB18-HQ)",
    looks_like=looks_like,
    scan=scan,
    excluded=EXCLUDED,
)


def _is_song(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        return len({stem for stem, _ in stem_files(folder)} & set(STEMS)) >= 2
    except SourceError:
        return True  # it cannot be read, which is to be reported
