"""MoisesDB: <song id>/data.json beside a folder a stem, with one file a source; as four stems or as its own eleven.

A source that ends early is followed by silence (lengths differ by seconds in some songs); nothing is shifted or
stretched. Keys of data.json, the taxonomy and the four-stem grouping: github.com/moises-ai/moises-db. It has no split
of its own, so one is drawn by artist.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from datagen.sources.file_source import Findings, Layout
from datagen.sources.scan import check_links, holds_file, readable_name, visible_children
from datagen.sources.split_by_artist import split_of_artist
from datagen.sources.summed_stems import Part, SummedStems, check_summed_stems
from datagen.sources.track import SourceError, Track
from datagen.words import STEMS

OWN_STEMS = (
    "vocals",
    "bass",
    "drums",
    "other",
    "guitar",
    "other_plucked",
    "percussion",
    "piano",
    "other_keys",
    "bowed_strings",
    "wind",
)
FOUR_OF: Mapping[str, str] = {stem: stem if stem in STEMS else "other" for stem in OWN_STEMS}
OWN_OF: Mapping[str, str] = {stem: stem for stem in OWN_STEMS}
LEFT_OUT_TYPES = ("click track",)
"""Sources that are in no mix."""
MAX_DESCRIPTION_BYTES = 2**20


def looks_like(root: Path) -> bool:
    """Whether a path holds songs in this layout."""
    return root.is_dir() and bool(_song_folders(root))


def scan(root: Path, *, stems: tuple[str, ...], group_of: Mapping[str, str]) -> Findings:
    """The songs of a root, their sources grouped to `stems`; only headers are read."""
    findings = Findings()
    for folder in _song_folders(root):
        findings.attempt(folder.name, partial(_song, folder, root, stems=stems, group_of=group_of))
    return findings


LAYOUT = Layout(
    name="moisesdb",
    looked_for="a folder a song with data.json and a folder a stem (MoisesDB)",
    looks_like=looks_like,
    scan=partial(scan, stems=STEMS, group_of=FOUR_OF),
)
OWN_LAYOUT = Layout(
    name="moisesdb_own",
    looked_for="the same, read as MoisesDB's own eleven stems",
    looks_like=looks_like,
    scan=partial(scan, stems=OWN_STEMS, group_of=OWN_OF),
)


def _song_folders(root: Path) -> list[Path]:
    inner = root / "moisesdb_v0.1"
    parents = [root, inner] if inner.is_dir() else [root]
    return [folder for parent in parents for folder in visible_children(parent) if holds_file(folder / "data.json")]


def _song(
    folder: Path, root: Path, *, stems: tuple[str, ...], group_of: Mapping[str, str]
) -> tuple[Track, SummedStems]:
    check_links([folder / "data.json"], root)
    data = _description(folder)
    parts, problems = _parts(folder, data, group_of)
    check_links((part.path for each in parts.values() for part in each), root)
    reader = check_summed_stems(parts, stems, pad=True, problems=problems)
    return _track(folder, data, reader, stems), reader


def _description(folder: Path) -> dict[str, Any]:
    path = folder / "data.json"
    if path.stat().st_size > MAX_DESCRIPTION_BYTES:
        raise SourceError("data.json is larger than any song's description")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SourceError(f"data.json is no JSON ({error})") from error
    if not isinstance(data, dict) or not isinstance(data.get("stems"), list):
        raise SourceError("data.json has no list of stems")
    return data


def _parts(
    folder: Path, data: Mapping[str, Any], group_of: Mapping[str, str]
) -> tuple[dict[str, list[Part]], list[str]]:
    """Files of each stem, and what is wrong with the description."""
    parts: dict[str, list[Part]] = {}
    problems: list[str] = []
    for stem in data["stems"]:
        name = str(stem.get("stemName", "")).replace(" ", "_") if isinstance(stem, dict) else ""
        if name not in group_of:
            problems.append(f"unknown stem {name!r} in data.json")
            continue
        for source in stem.get("tracks") or ():
            if str(source.get("trackType", "")) not in LEFT_OUT_TYPES:
                file_name = f"{source.get('id')}.{source.get('extension', 'wav')}"
                parts.setdefault(group_of[name], []).append(Part(folder / str(stem["stemName"]) / file_name))
    return parts, problems


def _track(folder: Path, data: Mapping[str, Any], stems: SummedStems, names: tuple[str, ...]) -> Track:
    artist, title = readable_name(str(data.get("artist", ""))), readable_name(str(data.get("song", "")))
    bleeding = any(source.get("has_bleed") for stem in data["stems"] for source in stem.get("tracks") or ())
    return Track(
        key=folder.name,
        title=title or folder.name,
        artist=artist,
        genre=readable_name(str(data.get("genre", ""))),
        licence="CC BY-NC-SA 4.0",
        attribution=f"{artist} - {title} (MoisesDB, CC BY-NC-SA 4.0)",
        may_serve=True,
        may_publish=False,
        stems=names,
        sample_rate=stems.sample_rate,
        length_samples=stems.length_samples,
        split=split_of_artist(artist or folder.name),
        source_files=tuple(file.path for files in stems.stems for file, _ in files),
        warnings=(*stems.warnings, *(("some sources bleed into others",) if bleeding else ())),
    )
