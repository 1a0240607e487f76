"""Which layouts there are, opening one by name, and recognising one by looking at a path."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from datagen.requests import ExcerptRef, TrackRef
from datagen.sources import (
    dsd100,
    medleydb,
    moisesdb,
    musdb18,
    musdb18_hq,
    plain_folder,
    procedural,
    slakh2100,
)
from datagen.sources.file_source import FileSource, Layout
from datagen.sources.scan import existing_root
from datagen.sources.track import Audio, Source, SourceError, Track, WindowError, find_track

LAYOUTS: Mapping[str, Layout] = {
    layout.name: layout
    for layout in (
        plain_folder.LAYOUT,
        musdb18.LAYOUT,
        musdb18_hq.LAYOUT,
        dsd100.LAYOUT,
        moisesdb.LAYOUT,
        moisesdb.OWN_LAYOUT,
        medleydb.LAYOUT,
        slakh2100.LAYOUT,
    )
}
"""Every layout of files by name, in the order they are tried; another one is one module and one entry here."""


@lru_cache(maxsize=32)
def open_source(name: str, root: str | Path = "", *, keep_excluded: bool = False) -> Source:
    """The source called `name` at `root` (not used by generated songs).

    `keep_excluded` keeps tracks that are left out by default, such as MUSDB18's `PR - Oh No`. Raises SourceError for
    an unknown name, or when nothing in that layout is at the root.
    """
    if name == procedural.NAME:
        return procedural.ProceduralSource()
    layout = LAYOUTS.get(name)
    if layout is None:
        raise SourceError(f"unknown source {name!r}; expected one of {', '.join((procedural.NAME, *LAYOUTS))}")
    path = existing_root(root)
    if not layout.looks_like(path):
        raise SourceError(f"{path}: no tracks found; {name} looks for {layout.looked_for}")
    return FileSource(layout, path, keep_excluded=keep_excluded)


def recognise(path: str | Path, *, layout: str = "") -> Source:
    """The source whose layout a path has, or the named one of the layouts that fit (MoisesDB with its own 11 stems).

    Where several fit, because a folder that may not be read could be anything, the first with usable tracks is taken.
    Raises SourceError that lists every layout that was looked for.
    """
    if layout:
        return open_source(layout, path)
    root = existing_root(path)
    fitting = [FileSource(known, root) for known in LAYOUTS.values() if known.looks_like(root)]
    if fitting:
        return fitting[0] if len(fitting) == 1 else next((each for each in fitting if each.tracks()), fitting[0])
    looked_for = "; ".join(known.looked_for for known in LAYOUTS.values())
    raise SourceError(f"{root}: no tracks found; looked for: {looked_for}")


def track_of(ref: TrackRef) -> Track:
    """The track that a reference names. Raises SourceError when it cannot be found."""
    return source_track(open_source(ref.source, ref.root), ref.key)


def source_track(source: Source, key: str) -> Track:
    """A source's track by its key. Raises UnknownTrackError."""
    if source.name == procedural.NAME:
        return procedural.track_of_song(key)
    return find_track(source.tracks(), key, source=f"{source.name} at {source.root_text}")


def read_excerpt(excerpt: ExcerptRef, *, sample_rate: int | None = None) -> Audio:
    """Stems of an excerpt, float32 [stems, 2, samples], at the track's rate or resampled to `sample_rate`.

    Raises WindowError when the excerpt was chosen at another rate than the track has, or lies outside it.
    """
    track = track_of(excerpt.track)
    if excerpt.sample_rate != track.sample_rate:
        raise WindowError(
            f"{track.key}: the excerpt counts at {excerpt.sample_rate} Hz, the track has {track.sample_rate} Hz"
        )
    source = open_source(excerpt.track.source, excerpt.track.root)
    return source.read(
        excerpt.track.key,
        start_samples=excerpt.start_samples,
        length_samples=excerpt.length_samples,
        sample_rate=sample_rate,
    )
