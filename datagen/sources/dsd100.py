"""DSD100: Sources/{Dev,Test}/<number> - <artist> - <title>/*.wav, mixtures apart in Mixtures/.

Its songs are restricted, and most of them are MUSDB18's as well: the name decides the split there and here, so that no
song is trained on in one set and tested on in the other.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from datagen.sources.file_source import Findings, Layout
from datagen.sources.musdb18_facts import song_facts
from datagen.sources.scan import check_links, readable_name, stem_files, visible_children
from datagen.sources.track import Track
from datagen.sources.wav_track import WavStems, check_wav_stems
from datagen.words import STEMS

SPLITS = {"Dev": "train", "Test": "test"}


def looks_like(root: Path) -> bool:
    """Whether a path holds songs in this layout."""
    return bool(_song_folders(root))


def scan(root: Path) -> Findings:
    """The songs of a root; only headers are read."""
    findings = Findings()
    for folder in _song_folders(root):
        findings.attempt(_song_name(folder), partial(_song, folder, root))
    return findings


LAYOUT = Layout(
    name="dsd100",
    looked_for="Sources/Dev and Sources/Test with a folder a song (DSD100)",
    looks_like=looks_like,
    scan=scan,
)


def _song_folders(root: Path) -> list[Path]:
    parents = [root / "Sources" / split for split in SPLITS]
    return [folder for parent in parents if parent.is_dir() for folder in visible_children(parent) if folder.is_dir()]


def _song_name(folder: Path) -> str:
    """`<artist> - <title>`, without the number in front."""
    number, separator, rest = readable_name(folder.name).partition(" - ")
    return rest if separator and number.isdigit() else readable_name(folder.name)


def _mixture_of(folder: Path) -> Path | None:
    path = folder.parents[2] / "Mixtures" / folder.parent.name / folder.name / "mixture.wav"
    return path if path.is_file() else None


def _song(folder: Path, root: Path) -> tuple[Track, WavStems]:
    files = dict(stem_files(folder))
    mixture = _mixture_of(folder)
    check_links((files[stem] for stem in STEMS if stem in files), root)
    check_links([mixture] if mixture else [], root)
    stems = check_wav_stems(files, STEMS, mixture=mixture)
    return _track(_song_name(folder), folder, stems), stems


def _track(name: str, folder: Path, stems: WavStems) -> Track:
    artist, _, title = name.partition(" - ")
    facts = song_facts(name)
    notes = (f"also in MUSDB18 ({facts.split} there, which is used here)",) if facts else ()
    return Track(
        key=name,
        title=title or name,
        artist=artist if title else "",
        genre=facts.genre if facts else "",
        licence="restricted",
        attribution=f"{name} (DSD100, restricted)",
        may_serve=False,
        may_publish=False,
        stems=STEMS,
        sample_rate=stems.sample_rate,
        length_samples=stems.length_samples,
        split=facts.split if facts else SPLITS[folder.parent.name],
        source_files=tuple(layout.path for layout in stems.layouts),
        warnings=(*stems.warnings, *notes),
    )
