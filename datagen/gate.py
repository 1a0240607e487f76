"""The gate before recipes: every window of the chosen tracks in which something can be heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from datagen.build_settings import BuildSettings, TrackChoice
from datagen.candidates import Candidate, CandidatePool
from datagen.disturbances import MIN_AUDIBLE
from datagen.excerpts import excerpt_candidates
from datagen.generator import song_keys
from datagen.recipe_arrow import track_name
from datagen.sources import procedural
from datagen.sources.registry import open_source, recognise, source_track
from datagen.sources.track import Source, SourceError, Track


@dataclass(frozen=True)
class Gate:
    """What passed, what did not, and where it all comes from."""

    pool: CandidatePool
    stems: tuple[str, ...]
    tracks: dict[str, dict[str, Any]]
    """By name: source, root, key, source_sha256, licence, attribution, may_serve, may_publish."""
    left_out: tuple[str, ...]
    """One line a track, with the reason."""


def pass_gate(settings: BuildSettings, *, progress: Callable[[str], None] = lambda _: None) -> Gate:
    """Candidates of all chosen tracks; `progress` is told each track's name.

    Tracks that cannot be used are left out and reported, and so are windows in which too few stems are audible for any
    change to have one explanation: all of them would be clean, and the share of clean problems is fixed. Raises
    SourceError when a path holds no tracks, and ValueError when nothing is left or the sources have different stems.
    """
    found: list[Candidate] = []
    tracks: dict[str, dict[str, Any]] = {}
    left_out: list[str] = []
    stems: dict[tuple[str, ...], str] = {}
    for source, track in _chosen(settings.sources):
        progress(track.key)
        if not track.balanced:
            left_out.append(f"{track.key}: its balance is no engineer's, so it cannot be a reference")
            continue
        try:
            candidates = excerpt_candidates(source, track.key, length_s=settings.excerpt_length_s, hop_s=settings.hop_s)
        except SourceError as error:
            left_out.append(str(error))
            continue
        candidates, few = _changeable(candidates)
        left_out += [f"{track.key}: {few}"] * bool(few)
        if not candidates:
            continue
        found.extend(candidates)
        stems.setdefault(track.stems, track.key)
        tracks[track_name(candidates[0].excerpt.track)] = _about(candidates[0], track)
    if len(stems) > 1:
        raise ValueError("sources have different stems: " + "; ".join(f"{k}: {', '.join(s)}" for s, k in stems.items()))
    return Gate(CandidatePool(tuple(found)), next(iter(stems), ()), tracks, tuple(left_out))


def _chosen(choices: tuple[TrackChoice, ...]) -> Iterator[tuple[Source, Track]]:
    for choice in choices:
        if not choice.path:
            source = open_source(procedural.NAME)
            yield from ((source, source_track(source, key)) for key in song_keys(choice.split, choice.songs))
            continue
        source = recognise(choice.path, layout=choice.layout)
        tracks = [track for track in source.tracks() if choice.split in ("", track.split)]
        if not tracks:
            raise SourceError(f"{choice.path}: no track of split {choice.split!r}")
        yield from ((source, track) for track in tracks)


def _changeable(candidates: tuple[Candidate, ...]) -> tuple[tuple[Candidate, ...], str]:
    """Windows in which a change can have one explanation, and what is to be said about the others."""
    enough = tuple(candidate for candidate in candidates if len(candidate.audible) >= MIN_AUDIBLE)
    if not enough:
        return (), "fewer than three stems are audible in any window, so no change has only one explanation"
    few = len(candidates) - len(enough)
    return enough, f"{few} of {len(candidates)} windows with fewer than three audible stems" if few else ""


def _about(candidate: Candidate, track: Track) -> dict[str, Any]:
    ref = candidate.excerpt.track
    return {
        "source": ref.source,
        "root": ref.root,
        "key": ref.key,
        "source_sha256": track.source_sha256,
        "licence": track.licence,
        "attribution": track.attribution,
        "may_serve": track.may_serve,
        "may_publish": track.may_publish,
    }
