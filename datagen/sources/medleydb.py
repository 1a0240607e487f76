"""MedleyDB: <Track>/<Track>_STEMS/<Track>_STEM_NN.wav with <Track>_METADATA.yaml.

Its stems do not sum to the mix at unity: published coefficients, fitted to the mixes, scale them. Put MedleyDB's own
`mixing_coefficients.yaml` (github.com/marl/medleydb, medleydb/resources) into the root; a track without coefficients
is no reference. Which stem an instrument belongs to is decided by medleydb_stems.yaml. The split is drawn by artist,
except that songs of MUSDB18 keep theirs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from datagen.sources.file_source import Findings, Layout
from datagen.sources.musdb18_facts import song_facts
from datagen.sources.scan import check_links, holds_file, readable_name, visible_children
from datagen.sources.split_by_artist import split_of_artist
from datagen.sources.summed_stems import Part, SummedStems, check_summed_stems
from datagen.sources.track import SourceError, Track
from datagen.sources.yaml_file import read_yaml_mapping
from datagen.words import STEMS

COEFFICIENTS = "mixing_coefficients.yaml"
FITTED = "levels by MedleyDB's fitted mixing coefficients: near the engineer's balance, not equal to it"
NOT_FITTED = f"no mixing coefficients ({COEFFICIENTS}): its stems at unity are not its mix, so it is no reference"


def looks_like(root: Path) -> bool:
    """Whether a path holds tracks in this layout."""
    return root.is_dir() and bool(_track_folders(root))


def scan(root: Path) -> Findings:
    """The tracks of a root; only headers are read."""
    findings = Findings()
    coefficients = _all_coefficients(root)
    for folder in _track_folders(root):
        findings.attempt(folder.name, partial(_song, folder, root, coefficients.get(folder.name)))
    return findings


LAYOUT = Layout(
    name="medleydb",
    looked_for="<Track>/<Track>_STEMS/ with <Track>_METADATA.yaml, alone or in Audio/ (MedleyDB)",
    looks_like=looks_like,
    scan=scan,
)


def _track_folders(root: Path) -> list[Path]:
    parents = [root, root / "Audio"] if (root / "Audio").is_dir() else [root]
    return [folder for parent in parents for folder in visible_children(parent) if holds_file(_metadata_path(folder))]


def _metadata_path(folder: Path) -> Path:
    return folder / f"{folder.name}_METADATA.yaml"


def _mixture_of(folder: Path) -> Path | None:
    path = folder / f"{folder.name}_MIX.wav"
    return path if path.is_file() else None


def _all_coefficients(root: Path) -> Mapping[str, Mapping[int, float]]:
    """{track: {stem number: gain}}; empty without the file. Raises SourceError when it is of another kind."""
    path = root / COEFFICIENTS
    if not path.is_file():
        return {}
    check_links([path], root)
    data = read_yaml_mapping(path)
    wrong = [str(track) for track, gains in data.items() if not _are_gains(gains)]
    if wrong:
        raise SourceError(
            f"{COEFFICIENTS}: {', '.join(wrong)} has no gain a stem; take the file of MedleyDB's first version"
        )
    return data


def _are_gains(gains: object) -> bool:
    return isinstance(gains, Mapping) and all(
        isinstance(gain, int | float) and not isinstance(gain, bool) and math.isfinite(gain) for gain in gains.values()
    )


def _song(folder: Path, root: Path, gains: Mapping[int, float] | None) -> tuple[Track, SummedStems]:
    mixture = _mixture_of(folder)
    check_links([_metadata_path(folder), *([mixture] if mixture else [])], root)
    metadata = read_yaml_mapping(_metadata_path(folder))
    parts, problems = _parts(folder, metadata, gains)
    check_links((part.path for each in parts.values() for part in each), root)
    stems = check_summed_stems(parts, STEMS, pad=False, mixture=mixture, problems=problems)
    levels = (root / COEFFICIENTS,) if gains is not None else ()
    return _track(folder, metadata, stems, levels=levels), stems


def _parts(
    folder: Path, metadata: Mapping[str, Any], gains: Mapping[int, float] | None
) -> tuple[dict[str, list[Part]], list[str]]:
    """Files of each stem, and what is wrong with the coefficients."""
    sources = metadata.get("stems")
    if not isinstance(sources, Mapping):
        raise SourceError("its metadata list no stems")
    stem_folder = folder / str(metadata.get("stem_dir", f"{folder.name}_STEMS"))
    parts: dict[str, list[Part]] = {}
    missing = []
    for name, facts in sources.items():
        number = int(str(name).removeprefix("S"))
        gain = 1.0 if gains is None else gains.get(number, math.nan)
        if math.isnan(gain):
            missing.append(f"{COEFFICIENTS} has no gain for stem {number}")
        parts.setdefault(_stem_of(facts.get("instrument")), []).append(Part(stem_folder / str(facts["filename"]), gain))
    return parts, missing


def _stem_of(instrument: object) -> str:
    instruments = instrument if isinstance(instrument, list) else [instrument]
    stems = {_stem_by_instrument().get(str(each), "other") for each in instruments}
    return stems.pop() if len(stems) == 1 else "other"


@lru_cache(maxsize=1)
def _stem_by_instrument() -> Mapping[str, str]:
    table = read_yaml_mapping(Path(__file__).with_name("medleydb_stems.yaml"))
    return {instrument: stem for stem, instruments in table.items() for instrument in instruments}


def _track(folder: Path, metadata: Mapping[str, Any], stems: SummedStems, *, levels: tuple[Path, ...]) -> Track:
    """`levels` is the file its levels come from; it is part of the track's hash."""
    artist, title = (readable_name(str(metadata.get(key, ""))) for key in ("artist", "title"))
    facts = song_facts(f"{artist} - {title}")
    notes = [FITTED if levels else NOT_FITTED]
    if str(metadata.get("has_bleed", "no")).lower() in ("yes", "true"):
        notes.append("stems bleed into each other")
    if facts:
        notes.append(f"also in MUSDB18 ({facts.split} there, which is used here)")
    return Track(
        key=folder.name,
        title=title or folder.name,
        artist=artist,
        genre=str(metadata.get("genre", "")),
        licence="CC BY-NC-SA 4.0",
        attribution=f"{artist} - {title} (MedleyDB, CC BY-NC-SA 4.0)",
        may_serve=True,
        may_publish=False,
        stems=STEMS,
        sample_rate=stems.sample_rate,
        length_samples=stems.length_samples,
        split=facts.split if facts else split_of_artist(artist or folder.name),
        balanced=bool(levels),
        source_files=(*(file.path for files in stems.stems for file, _ in files), *levels),
        warnings=(*stems.warnings, *notes),
    )
