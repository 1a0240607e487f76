"""MUSDB18: one `<artist> - <title>.stem.mp4` a song, in one folder, in train/ and test/, or a single file."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from datagen.resample import resample_stems
from datagen.sources.musdb18_facts import EXCLUDED
from datagen.sources.musdb18_songs import song_track
from datagen.sources.scan import Findings, existing_root, files_with_suffix, leaves_root, readable_name
from datagen.sources.track import Audio, SourceError, Track, Unusable, check_window, find_track
from datagen.stem_mp4 import StemMp4Error, open_stem_mp4, stem_mp4_facts, truncated_bytes

NAME = "musdb18"
SUFFIX = ".stem.mp4"
LAYOUT = "a .stem.mp4 file, or a folder of them, or train/ and test/ folders of them (MUSDB18)"


class Musdb18Source:
    """MUSDB18's stem files; each is decoded once on this host."""

    name = NAME

    def __init__(self, root: str | Path, *, keep_excluded: bool = False) -> None:
        """`keep_excluded` keeps songs that the errata rule out."""
        self.root = existing_root(root)
        self.keep_excluded = keep_excluded

    @property
    def root_text(self) -> str:
        """The folder or file, as TrackRef.root has it."""
        return str(self.root)

    def tracks(self) -> tuple[Track, ...]:
        """The usable songs; only their indexes are read."""
        return self._found.sorted_tracks()

    def unusable(self) -> tuple[Unusable, ...]:
        """Files that cannot be used, and why."""
        return tuple(self._found.unusable)

    def read(self, key: str, *, start_samples: int, length_samples: int, sample_rate: int | None = None) -> Audio:
        """Stems of a window, float32 [4, 2, samples]; the first read of a song decodes it."""
        track = find_track(self.tracks(), key, source=f"{NAME} at {self.root}")
        check_window(track, start_samples=start_samples, length_samples=length_samples)
        try:
            decoded = open_stem_mp4(track.source_files[0])
        except StemMp4Error as error:
            raise SourceError(str(error)) from error
        stems = decoded.read(start_samples=start_samples, length_samples=length_samples)
        return resample_stems(stems, track.sample_rate, to_rate=sample_rate)

    @cached_property
    def _found(self) -> Findings:
        findings = Findings()
        for path in song_files(self.root):
            name = readable_name(path.name[: -len(SUFFIX)])
            problem = self._problem(path, name)
            if problem:
                findings.leave_out(name, problem)
            else:
                findings.add(_track(path, name))
        return findings

    def _problem(self, path: Path, name: str) -> str:
        if leaves_root(path, self.root):
            return "a link that leads out of the folder; copy the file instead"
        if name in EXCLUDED and not self.keep_excluded:
            return f"left out, {EXCLUDED[name]}"
        try:
            stem_mp4_facts(path)
            missing = truncated_bytes(path)
        except (ValueError, OSError) as error:
            return str(error)
        return f"truncated: it ends {missing:,} bytes before its last audio packet; copy it again" if missing else ""


def looks_like(root: Path) -> bool:
    """Whether a path holds stem files in this layout."""
    return bool(song_files(root))


def open_root(root: Path) -> Musdb18Source:
    """The source at a path."""
    return Musdb18Source(root)


def song_files(root: Path) -> list[Path]:
    """The stem files of a root, hidden ones left out."""
    if root.is_file():
        return [root] if root.name.lower().endswith(SUFFIX) else []
    folders = [root, *(root / name for name in ("train", "test") if (root / name).is_dir())]
    return [path for folder in folders for path in files_with_suffix(folder, SUFFIX)]


def _track(path: Path, name: str) -> Track:
    facts = stem_mp4_facts(path)
    return song_track(
        name,
        folder=path.parent.name,
        length_samples=facts.frames,
        sample_rate=facts.sample_rate,
        source_files=(path,),
        warnings=facts.warnings,
    )
