"""Which windows of a track are worth hearing: candidates that pass the audibility gate, and one picked by a seed."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from datagen.candidates import Candidate
from datagen.excerpt_facts import audible_stems, measured_facts, stem_facts
from datagen.loudness import HOP_S, HOPS_PER_BLOCK
from datagen.requests import ExcerptRef, TrackRef
from datagen.sources.registry import source_track
from datagen.sources.track import Source, SourceError, Track
from datagen.track_scan import TrackScan, scan_track

MIN_LENGTH_S = 4.0
"""No excerpt is shorter; shorter tracks cannot be used."""
WANTED_AUDIBLE = 3
"""An excerpt should have this many audible stems, or as many as any window of the song has."""

__all__ = ["MIN_LENGTH_S", "audible_stems", "excerpt_candidates", "measured_facts", "pick_excerpt"]


def excerpt_candidates(source: Source, key: str, *, length_s: float, hop_s: float = 1.0) -> tuple[Candidate, ...]:
    """Windows of a track in which at least one stem is audible, every `hop_s` seconds, in order.

    A track shorter than `length_s` gives one window, as long as it allows. Alignment clicks at the ends of a track are
    left out. Raises SourceError for a track shorter than four seconds or without any audible window, and ValueError
    when `hop_s` is not a multiple of 0.1.
    """
    track = source_track(source, key)
    scan = scan_track(source, track)
    length_samples = _excerpt_length(track, scan, length_s=length_s)
    ref = TrackRef(source=source.name, key=key, root=source.root_text)
    excerpts = [
        ExcerptRef(ref, start, length_samples, track.sample_rate)
        for start in _starts(scan, length_samples, hop_s, track)
    ]
    audible = tuple(window for excerpt in excerpts if (window := _candidate(track, excerpt, scan)).audible)
    if not audible:
        raise SourceError(f"{key}: no stem is audible in any window of {length_samples / track.sample_rate:.1f} s")
    return audible


def pick_excerpt(source: Source, key: str, *, length_s: float, seed: int) -> ExcerptRef:
    """One window of a track, the same for the same seed, with at least three audible stems (or the song's most)."""
    candidates = excerpt_candidates(source, key, length_s=length_s)
    enough = min(WANTED_AUDIBLE, max(len(candidate.audible) for candidate in candidates))
    fitting = [candidate for candidate in candidates if len(candidate.audible) >= enough]
    draw = hashlib.sha256(f"excerpt\0{source.name}\0{key}\0{seed}".encode()).digest()
    return fitting[int.from_bytes(draw[:8], "big") % len(fitting)].excerpt


def _excerpt_length(track: Track, scan: TrackScan, *, length_s: float) -> int:
    if length_s < MIN_LENGTH_S:
        raise SourceError(f"an excerpt of {length_s} s is too short; the least is {MIN_LENGTH_S:.0f} s")
    available = scan.end_samples - scan.start_samples
    if available < MIN_LENGTH_S * track.sample_rate:
        raise SourceError(
            f"{track.key}: only {available / track.sample_rate:.2f} s long; excerpts need {MIN_LENGTH_S:.0f} s"
        )
    return min(round(length_s * track.sample_rate), available)


def _starts(scan: TrackScan, length_samples: int, hop_s: float, track: Track) -> list[int]:
    hops = round(hop_s / HOP_S)
    if hops < 1 or abs(hops * HOP_S - hop_s) > 1e-9:
        raise ValueError(f"windows start every {hop_s} s; that must be a multiple of {HOP_S} s")
    step = hop_s * track.sample_rate
    count = 1 + int((scan.end_samples - scan.start_samples - length_samples) / step)
    return [scan.start_samples + round(index * step) for index in range(count)]


def _candidate(track: Track, excerpt: ExcerptRef, scan: TrackScan) -> Candidate:
    facts = stem_facts(_blocks_of(excerpt, scan), names=track.stems)
    passage = track.passage_at(excerpt.start_samples + excerpt.length_samples // 2)
    return Candidate(
        excerpt=excerpt,
        audible=tuple(each.stem for each in facts if each.audible),
        genre=track.genre,
        section=passage.section if passage else "",
        lead=passage.lead if passage else "",
    )


def _blocks_of(excerpt: ExcerptRef, scan: TrackScan) -> NDArray[np.float64]:
    hop = HOP_S * excerpt.sample_rate
    first = round(excerpt.start_samples / hop)
    return scan.blocks[first : first + int(excerpt.length_samples / hop + 1e-9) - HOPS_PER_BLOCK + 1]
