"""Slakh2100: TrackNNNNN/{metadata.yaml, stems/SNN.flac}, synthesised from MIDI, every stem equally loud.

Its balance is nobody's decision, so its tracks are no reference: they are for pre-training only. Layout and keys of
metadata.yaml: github.com/ethman/slakh-utils. It holds no vocals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from datagen.sources.file_source import Findings, Layout
from datagen.sources.scan import check_links, holds_file, visible_children
from datagen.sources.summed_stems import Part, SummedStems, check_summed_stems
from datagen.sources.track import SourceError, Track
from datagen.sources.yaml_file import read_yaml_mapping
from datagen.words import STEMS

SPLITS = ("train", "validation", "test")
TRACK_NAME = re.compile(r"Track\d{5}")
FIRST_OF_SPLIT = (("test", 1876), ("validation", 1501), ("train", 1))
"""The original split by number, for tracks that lie in no split's folder."""
EQUAL_LOUDNESS = "every stem is equally loud: no engineer's balance, for pre-training only, never a reference"
DUPLICATES = "the original split repeats songs across its sides; prefer the redux split"


def looks_like(root: Path) -> bool:
    """Whether a path holds tracks in this layout."""
    return root.is_dir() and bool(_track_folders(root))


def scan(root: Path) -> Findings:
    """The tracks of a root; only headers are read."""
    findings = Findings()
    for folder in _track_folders(root):
        findings.attempt(folder.name, partial(_song, folder, root))
    return findings


LAYOUT = Layout(
    name="slakh2100",
    looked_for="TrackNNNNN folders with metadata.yaml and stems/, alone or in train/, validation/, test/ (Slakh2100)",
    looks_like=looks_like,
    scan=scan,
)


def _track_folders(root: Path) -> list[Path]:
    parents = [root, *(root / split for split in SPLITS if (root / split).is_dir())]
    return [
        folder
        for parent in parents
        for folder in visible_children(parent)
        if TRACK_NAME.fullmatch(folder.name) and holds_file(folder / "metadata.yaml")
    ]


def _song(folder: Path, root: Path) -> tuple[Track, SummedStems]:
    mixture = folder / "mix.flac"
    check_links((folder / "metadata.yaml", mixture), root)
    parts = _parts(folder, read_yaml_mapping(folder / "metadata.yaml"))
    check_links((part.path for each in parts.values() for part in each), root)
    stems = check_summed_stems(parts, STEMS, pad=False, mixture=mixture if mixture.is_file() else None)
    return _track(folder, stems), stems


def _parts(folder: Path, metadata: Mapping[str, Any]) -> dict[str, list[Part]]:
    sources = metadata.get("stems")
    if not isinstance(sources, Mapping):
        raise SourceError("metadata.yaml lists no stems")
    parts: dict[str, list[Part]] = {}
    for name, facts in sources.items():
        if isinstance(facts, Mapping) and facts.get("audio_rendered", True):
            parts.setdefault(_stem_of(facts), []).append(Part(folder / "stems" / f"{name}.flac"))
    return parts


def _stem_of(facts: Mapping[str, Any]) -> str:
    if facts.get("is_drum") or facts.get("inst_class") == "Drums":
        return "drums"
    return "bass" if facts.get("inst_class") == "Bass" else "other"


def _track(folder: Path, stems: SummedStems) -> Track:
    in_split = folder.parent.name in SPLITS
    number = int(folder.name.removeprefix("Track"))
    return Track(
        key=folder.name,
        title=folder.name,
        artist="Slakh2100",
        genre="",
        licence="CC BY 4.0",
        attribution=f"{folder.name} (Slakh2100, CC BY 4.0)",
        may_serve=True,
        may_publish=True,
        stems=STEMS,
        sample_rate=stems.sample_rate,
        length_samples=stems.length_samples,
        split=folder.parent.name if in_split else next(s for s, first in FIRST_OF_SPLIT if number >= first),
        balanced=False,
        source_files=tuple(file.path for files in stems.stems for file, _ in files),
        warnings=(*stems.warnings, EQUAL_LOUDNESS, *(() if in_split else (DUPLICATES,))),
    )
