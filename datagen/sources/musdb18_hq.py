"""MUSDB18-HQ: a folder a song with drums.wav, bass.wav, other.wav and vocals.wav, in train/ and test/."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from datagen.resample import resample_stems
from datagen.sources.musdb18_facts import EXCLUDED
from datagen.sources.musdb18_songs import song_track
from datagen.sources.scan import Findings, existing_root, leaves_root, readable_name, stem_files, visible_children
from datagen.sources.track import Audio, SourceError, Track, Unusable, check_window, find_track
from datagen.sources.wav_track import WavStems, check_wav_stems, read_wav_stems
from datagen.words import STEMS

NAME = "musdb18_hq"
LAYOUT = "a folder a song with drums.wav, bass.wav, other.wav and vocals.wav, alone or in train/ and test/ (MUSDB18-HQ)"


class Musdb18HqSource:
    """MUSDB18-HQ's WAV files, mapped in place."""

    name = NAME

    def __init__(self, root: str | Path, *, keep_excluded: bool = False) -> None:
        """`keep_excluded` keeps songs that the errata rule out."""
        self.root = existing_root(root)
        self.keep_excluded = keep_excluded
        self._stems: dict[str, WavStems] = {}

    @property
    def root_text(self) -> str:
        """The folder or file, as TrackRef.root has it."""
        return str(self.root)

    def tracks(self) -> tuple[Track, ...]:
        """The usable songs; only headers are read."""
        return self._found.sorted_tracks()

    def unusable(self) -> tuple[Unusable, ...]:
        """Folders that cannot be used, and why."""
        return tuple(self._found.unusable)

    def read(self, key: str, *, start_samples: int, length_samples: int, sample_rate: int | None = None) -> Audio:
        """Stems of a window, float32 [4, 2, samples]."""
        track = find_track(self.tracks(), key, source=f"{NAME} at {self.root}")
        check_window(track, start_samples=start_samples, length_samples=length_samples)
        stems = read_wav_stems(self._stems[key], start_samples=start_samples, length_samples=length_samples)
        return resample_stems(stems, track.sample_rate, to_rate=sample_rate)

    @cached_property
    def _found(self) -> Findings:
        findings = Findings()
        for folder in song_folders(self.root):
            name = readable_name(folder.name)
            if name in EXCLUDED and not self.keep_excluded:
                findings.leave_out(name, f"left out, {EXCLUDED[name]}")
                continue
            try:
                findings.add(self._track(folder, name))
            except SourceError as error:
                findings.leave_out(name, str(error))
        return findings

    def _track(self, folder: Path, name: str) -> Track:
        files = {stem: path for stem, path in stem_files(folder) if stem in STEMS}
        if any(leaves_root(path, self.root) for path in files.values()):
            raise SourceError("a link that leads out of the folder; copy the files instead")
        stems = check_wav_stems(files, STEMS)
        self._stems.setdefault(name, stems)
        return song_track(
            name,
            folder=folder.parent.name,
            length_samples=stems.length_samples,
            sample_rate=stems.sample_rate,
            source_files=tuple(files[stem] for stem in STEMS),
            warnings=stems.warnings,
        )


def looks_like(root: Path) -> bool:
    """Whether a path holds songs in this layout."""
    return root.is_dir() and bool(song_folders(root))


def open_root(root: Path) -> Musdb18HqSource:
    """The source at a path."""
    return Musdb18HqSource(root)


def song_folders(root: Path) -> list[Path]:
    """Folders that hold at least two of the stems by name, so that an incomplete song is reported, not overlooked."""
    if _is_song(root):
        return [root]
    parents = [root, *(root / name for name in ("train", "test") if (root / name).is_dir())]
    return [folder for parent in parents for folder in visible_children(parent) if _is_song(folder)]


def _is_song(folder: Path) -> bool:
    if not folder.is_dir():
        return False
    try:
        return len({stem for stem, _ in stem_files(folder)} & set(STEMS)) >= 2
    except SourceError:
        return False
