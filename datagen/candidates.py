"""The excerpts recipes choose from: windows that passed the audibility gate, grouped by track and by genre."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from datagen.requests import ExcerptRef, TrackRef
from datagen.words import REFERENCE_KINDS

Rows = npt.NDArray[np.int64]
Key = TypeVar("Key")


@dataclass(frozen=True)
class Candidate:
    """A window that may become a problem or a reference."""

    excerpt: ExcerptRef
    audible: tuple[str, ...]
    """Stems that can be heard in it, in the source's order."""
    genre: str = ""
    section: str = ""
    lead: str = ""


@dataclass(frozen=True)
class CandidatePool:
    """Candidates and what each can be compared with, sorted by track and start whatever order they came in."""

    candidates: tuple[Candidate, ...]

    def __post_init__(self) -> None:
        """Raises ValueError when there is nothing to choose from, or a track has windows of several lengths."""
        if not self.candidates:
            raise ValueError("no excerpt passed the audibility gate; add tracks or loosen the gate")
        object.__setattr__(self, "candidates", tuple(sorted(self.candidates, key=_place)))
        for track, rows in self.rows_of_track.items():
            lengths = {self.candidates[int(row)].excerpt.length_samples for row in rows}
            if len(lengths) > 1:
                raise ValueError(f"{track.key}: windows of {len(lengths)} lengths; use one length for a track")

    @cached_property
    def rows_of_track(self) -> dict[TrackRef, Rows]:
        """Rows of each track, in track order."""
        return _grouped(candidate.excerpt.track for candidate in self.candidates)

    @cached_property
    def rows_of_genre(self) -> dict[str, Rows]:
        """Rows of each genre."""
        return _grouped(candidate.genre for candidate in self.candidates)

    @cached_property
    def tracks(self) -> tuple[TrackRef, ...]:
        """All tracks, sorted."""
        return tuple(self.rows_of_track)

    @cached_property
    def audible_sets(self) -> tuple[tuple[str, ...], ...]:
        """All sets of audible stems that occur."""
        return tuple(dict.fromkeys(candidate.audible for candidate in self.candidates))

    @cached_property
    def audible_codes(self) -> Rows:
        """For each row, the position of its audible stems in audible_sets."""
        places = {audible: code for code, audible in enumerate(self.audible_sets)}
        return np.array([places[candidate.audible] for candidate in self.candidates], dtype=np.int64)

    def draw(self, track: float, window: float) -> int:
        """The row that two numbers in [0, 1) stand for: first a track, then a window, so long songs count once."""
        rows = self.rows_of_track[self.tracks[int(track * len(self.tracks))]]
        return int(rows[int(window * len(rows))])

    def other_passages(self, row: int) -> Rows:
        """Rows of the same track that do not overlap this one."""
        excerpt = self.candidates[row].excerpt
        rows = self.rows_of_track[excerpt.track]
        starts = np.array([self.candidates[int(r)].excerpt.start_samples for r in rows])
        lengths = np.array([self.candidates[int(r)].excerpt.length_samples for r in rows])
        after = starts >= excerpt.start_samples + excerpt.length_samples
        before = starts + lengths <= excerpt.start_samples
        apart: Rows = rows[after | before]
        return apart

    def other_songs(self, row: int) -> Rows:
        """Rows of other tracks of the same genre."""
        candidate = self.candidates[row]
        same_genre = self.rows_of_genre[candidate.genre]
        return same_genre[~np.isin(same_genre, self.rows_of_track[candidate.excerpt.track])]

    def offers(self, row: int, kind: str) -> bool:
        """Whether the candidate in this row has a reference of that kind. Raises ValueError for an unknown kind."""
        if kind not in REFERENCE_KINDS:
            raise ValueError(f"unknown reference kind {kind!r}; expected one of {', '.join(REFERENCE_KINDS)}")
        if kind == "other_passage":
            return len(self.other_passages(row)) > 0
        return kind != "other_song" or len(self.other_songs(row)) > 0


def _place(candidate: Candidate) -> tuple[str, str, str, int]:
    track = candidate.excerpt.track
    return track.source, track.root, track.key, candidate.excerpt.start_samples


def _grouped(keys: Iterable[Key]) -> dict[Key, Rows]:
    groups: dict[Key, list[int]] = {}
    for row, key in enumerate(keys):
        groups.setdefault(key, []).append(row)
    return {key: np.array(rows, dtype=np.int64) for key, rows in groups.items()}
