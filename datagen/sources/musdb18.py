"""MUSDB18: one `<artist> - <title>.stem.mp4` a song, in one folder, in train/ and test/, or a single file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from numpy.typing import ArrayLike

from datagen.mixing import mix_interleaved
from datagen.sources.file_source import Findings, Layout
from datagen.sources.musdb18_facts import EXCLUDED
from datagen.sources.musdb18_songs import song_track
from datagen.sources.scan import check_links, files_with_suffix, readable_name
from datagen.sources.track import Audio, SourceError, Track
from datagen.stem_mp4 import StemMp4Error, mixture_residual_db, open_stem_mp4, stem_mp4_facts, truncated_bytes

SUFFIX = ".stem.mp4"


@dataclass(frozen=True)
class StemMp4Reader:
    """Reads one stem file; the first read decodes it."""

    path: Path
    known: tuple[str, ...] = ()
    """Warnings that the index gave already."""

    def read(self, *, start_samples: int, length_samples: int) -> Audio:
        """A window, float32 [4, 2, samples]."""
        try:
            return open_stem_mp4(self.path).read(start_samples=start_samples, length_samples=length_samples)
        except StemMp4Error as error:
            raise SourceError(str(error)) from error

    def mix(self, gains_linear: ArrayLike, *, start_samples: int, length_samples: int) -> Audio:
        """Mixes of a window, float32 [mixes, 2, samples], from the decoded store."""
        try:
            pcm = open_stem_mp4(self.path).pcm[start_samples : start_samples + length_samples]
        except StemMp4Error as error:
            raise SourceError(str(error)) from error
        return mix_interleaved(pcm, gains_linear)

    def decode_notes(self) -> tuple[str, ...]:
        """What decoding found that the index does not tell; decodes the file when it is not in the store."""
        try:
            return tuple(note for note in open_stem_mp4(self.path).about.warnings if note not in self.known)
        except StemMp4Error as error:
            raise SourceError(str(error)) from error

    def mixture_note(self) -> str:
        """Lossy coding and mastering keep the mixture apart from the sum, so this is no warning."""
        try:
            residual_db = mixture_residual_db(self.path)
        except StemMp4Error as error:
            raise SourceError(str(error)) from error
        return "" if residual_db is None else f"mixture minus sum of stems: {residual_db:.1f} dB re the mixture (lossy)"


def looks_like(root: Path) -> bool:
    """Whether a path holds stem files in this layout."""
    return bool(_song_files(root))


def scan(root: Path) -> Findings:
    """The stem files of a root; only their indexes are read."""
    findings = Findings()
    for path in _song_files(root):
        name = readable_name(path.name[: -len(SUFFIX)])
        findings.attempt(name, partial(_song, path, name, root))
    return findings


LAYOUT = Layout(
    name="musdb18",
    looked_for="a .stem.mp4 file, or a folder of them, or train/ and test/ folders of them (MUSDB18)",
    looks_like=looks_like,
    scan=scan,
    excluded=EXCLUDED,
)


def _song_files(root: Path) -> list[Path]:
    if root.is_file():
        return [root] if root.name.lower().endswith(SUFFIX) else []
    folders = [root, *(root / name for name in ("train", "test") if (root / name).is_dir())]
    return [path for folder in folders for path in files_with_suffix(folder, SUFFIX)]


def _song(path: Path, name: str, root: Path) -> tuple[Track, StemMp4Reader]:
    check_links([path], root)
    facts = stem_mp4_facts(path)
    if missing := truncated_bytes(path):
        raise SourceError(f"truncated: it ends {missing:,} bytes before its last audio packet; copy it again")
    track = song_track(
        name,
        folder=path.parent.name,
        length_samples=facts.frames,
        sample_rate=facts.sample_rate,
        source_files=(path,),
        warnings=facts.warnings,
    )
    return track, StemMp4Reader(path, facts.warnings)
