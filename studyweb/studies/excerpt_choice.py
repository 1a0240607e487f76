"""Which windows of which tracks a study uses. Reads audio to find what is audible: a second or two a track."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from datagen.candidates import Candidate
from datagen.excerpt_facts import audible_stems
from datagen.excerpts import MIN_LENGTH_S, excerpt_candidates
from datagen.requests import ExcerptRef, TrackRef
from datagen.sources import Source, SourceError, Track, open_source, read_excerpt, recognise, track_of

WANTED_AUDIBLE = 3
"""With fewer audible stems no disturbance has a unique correction."""

MORE_TRIES = 6
"""Windows that may be in vain before a track is measured whole."""

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Chosen:
    """A window for an item, and its track."""

    track: Track
    candidate: Candidate


def source_of(excerpts: dict[str, Any], base_folder: Path | None = None) -> Source:
    """The source a study file names; a relative root is looked for beside the file. Raises SourceError."""
    if excerpts["source"] == "procedural":
        return open_source("procedural", "")
    if not excerpts["root"]:
        raise SourceError(f"{excerpts['source']} needs a root: the folder or file of its tracks")
    root = Path(excerpts["root"]).expanduser()
    if base_folder is not None and not root.is_absolute():
        root = base_folder / root
    return recognise(root) if excerpts["source"] == "recognise" else open_source(excerpts["source"], str(root))


def why_no_tracks(source: Source) -> str:
    """Why a source offers no track that is long enough, naming the first few that were found."""
    short = [f"{track.key}: {track.duration_s:.1f} s long" for track in source.tracks()]
    reasons = short + [f"{each.name}: {each.reason}" for each in source.unusable()]
    shown = "; ".join(reasons[:5]) + (f"; and {len(reasons) - 5} more" if len(reasons) > 5 else "")
    return f"no track has the {MIN_LENGTH_S:.0f} seconds that an excerpt needs" + (f" ({shown})" if shown else "")


def tracks_of_rule(source: Source, rule: dict[str, Any]) -> tuple[Track, ...]:
    """The source's tracks of the rule's split that are long enough, in an order drawn by the rule's seed."""
    of_split = [track for track in source.tracks() if rule["split"] in ("", track.split)]
    tracks = [track for track in of_split if track.duration_s >= MIN_LENGTH_S]
    return tuple(shuffled(tracks, f"tracks {rule['seed']}", key=lambda track: track.key))


def choose_windows(source: Source, track: Track, *, count: int, length_s: float, seed: int) -> tuple[Chosen, ...]:
    """`count` windows of a track: first some that do not overlap, then any, then the same ones again.

    Windows with at least three audible stems come first. Of a generated song only as many windows are read as it takes
    to find them; files are scanned whole, once, because their ends may hold what is not music. Raises SourceError when
    no stem is audible anywhere.
    """
    if track.source_files:
        return _from_whole_track(source, track, count=count, length_s=length_s, seed=seed)
    length = min(round(length_s * track.sample_rate), track.length_samples)
    last_s = (track.length_samples - length) // track.sample_rate
    starts = shuffled(range(last_s + 1), f"windows {seed} {track.key}", key=str)
    apart: list[Chosen] = []
    for start_s in starts[: count + MORE_TRIES]:
        excerpt = _excerpt(source, track, start_s * track.sample_rate, length)
        if any(_overlap(excerpt, other.candidate.excerpt) for other in apart):
            continue
        chosen = _measured(track, excerpt)
        if len(chosen.candidate.audible) >= WANTED_AUDIBLE:
            apart.append(chosen)
        if len(apart) == count:
            return tuple(apart)
    return _from_whole_track(source, track, count=count, length_s=length_s, seed=seed)


def _from_whole_track(source: Source, track: Track, *, count: int, length_s: float, seed: int) -> tuple[Chosen, ...]:
    candidates = shuffled(
        excerpt_candidates(source, track.key, length_s=length_s),
        f"windows {seed} {track.key}",
        key=lambda candidate: str(candidate.excerpt.start_samples // track.sample_rate),
    )
    candidates.sort(key=lambda candidate: len(candidate.audible) < WANTED_AUDIBLE)  # stable: the shuffle is kept
    apart: list[Candidate] = []
    for candidate in candidates:
        if not any(_overlap(candidate.excerpt, other.excerpt) for other in apart):
            apart.append(candidate)
    ordered = apart + [candidate for candidate in candidates if candidate not in apart]
    return tuple(Chosen(track, ordered[index % len(ordered)]) for index in range(count))


def choose_listed(source: Source, entry: dict[str, Any]) -> Chosen:
    """The window a study file lists. Raises SourceError for a track or a window that is not there."""
    track = track_of(TrackRef(source=source.name, key=entry["track"], root=source.root_text))
    start = round(entry["start_s"] * track.sample_rate)
    length = round(entry["length_s"] * track.sample_rate)
    return _measured(track, _excerpt(source, track, start, length))


def _excerpt(source: Source, track: Track, start_samples: int, length_samples: int) -> ExcerptRef:
    ref = TrackRef(source=source.name, key=track.key, root=source.root_text)
    return ExcerptRef(ref, start_samples, length_samples, track.sample_rate)


def _measured(track: Track, excerpt: ExcerptRef) -> Chosen:
    audible = audible_stems(read_excerpt(excerpt), track.sample_rate, names=track.stems)
    passage = track.passage_at(excerpt.start_samples + excerpt.length_samples // 2)
    section, lead = (passage.section, passage.lead) if passage else ("", "")
    return Chosen(track, Candidate(excerpt, audible, track.genre, section, lead))


def shuffled(things: Iterable[Thing], label: str, *, key: Callable[[Thing], str]) -> list[Thing]:
    """The things in an order that depends only on `label` and each thing's key: more things keep the others' order."""
    return sorted(things, key=lambda thing: hashlib.sha256(f"{label}\0{key(thing)}".encode()).digest())


def _overlap(one: ExcerptRef, other: ExcerptRef) -> bool:
    return abs(one.start_samples - other.start_samples) < min(one.length_samples, other.length_samples)
