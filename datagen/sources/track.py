"""What a source of stems is: tracks with their licences, and windows of audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from datagen.fingerprint import sha256_of_files

Audio = NDArray[np.float32]
"""float32 audio, [stems,] channels, samples."""


class SourceError(ValueError):
    """A track or a folder of tracks cannot be used; the message says what, where and what to do."""


class UnknownTrackError(SourceError):
    """The source holds no track with this key."""


class WindowError(SourceError):
    """The window asked for is not inside the track."""


@dataclass(frozen=True)
class Passage:
    """What is known about a stretch of a track besides its sound."""

    start_samples: int
    end_samples: int
    section: str
    """For example `chorus`."""
    lead: str = ""
    """The stem that should lead; empty when unknown."""


@dataclass(frozen=True)
class Track:
    """A song with its stems, where it comes from and what may be done with it."""

    key: str
    title: str
    artist: str
    genre: str
    licence: str
    attribution: str
    """The credit line shown to participants and kept by manifests."""
    may_serve: bool
    """Whether its audio may be sent to study participants (non-commercial use assumed)."""
    may_publish: bool
    """Whether its audio may be put on a public page."""
    stems: tuple[str, ...]
    sample_rate: int
    length_samples: int
    """Where every stem has samples, at the track's own rate."""
    split: str
    balanced: bool = True
    """Whether its balance is an engineer's, so that it may be a reference; without it, for pre-training only."""
    passages: tuple[Passage, ...] = ()
    """Sections in order, where the source knows them."""
    source_files: tuple[Path, ...] = ()
    recorded_sha256: str = ""
    """Hash of a track that has no files (a generated song)."""
    warnings: tuple[str, ...] = ()

    @property
    def source_sha256(self) -> str:
        """Hash of the source files, or of generator version and key; reads the files the first time."""
        return self.recorded_sha256 or sha256_of_files(self.source_files)

    def passage_at(self, sample: int) -> Passage | None:
        """The section that a sample lies in (the last one in a song's tail), or None where nothing is known."""
        return next((each for each in reversed(self.passages) if each.start_samples <= sample), None)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.length_samples / self.sample_rate


@dataclass(frozen=True)
class Unusable:
    """A track that was found but cannot be used, and why."""

    name: str
    reason: str


class Source(Protocol):
    """Tracks of one layout; every layout is one module of this package."""

    @property
    def name(self) -> str:
        """The name used in TrackRef.source."""

    @property
    def root_text(self) -> str:
        """The path used in TrackRef.root; empty for generated songs."""

    def tracks(self) -> tuple[Track, ...]:
        """The usable tracks, sorted by key."""

    def unusable(self) -> tuple[Unusable, ...]:
        """What was found but left out, each with its reason."""

    def read(self, key: str, *, start_samples: int, length_samples: int, sample_rate: int | None = None) -> Audio:
        """Stems of a window as float32 [stems, 2, samples].

        `start_samples` and `length_samples` count at the track's own rate; `sample_rate` resamples every stem
        (soxr, high quality). Raises UnknownTrackError, WindowError or SourceError.
        """

    def mix(self, key: str, gains_linear: ArrayLike, *, start_samples: int, length_samples: int) -> Audio:
        """Mixes of a window, float32 [mixes, 2, samples], for linear gains [mixes, stems], at the track's own rate."""

    def mixture_note(self, key: str) -> str:
        """How far a track's own mixture is from the sum of its stems, in words; empty without a mixture."""

    def decode_notes(self, key: str) -> tuple[str, ...]:
        """What decoding a track found that its headers do not tell; empty for files that are read in place."""


def find_track(tracks: Sequence[Track], key: str, *, source: str) -> Track:
    """The track with this key, or UnknownTrackError naming the nearest keys."""
    for track in tracks:
        if track.key == key:
            return track
    known = ", ".join(repr(track.key) for track in tracks[:5]) or "none"
    raise UnknownTrackError(f"{source} has no track {key!r}; it holds {len(tracks)} tracks, among them {known}")


def check_window(track: Track, *, start_samples: int, length_samples: int) -> None:
    """Raise WindowError unless the window lies inside the track."""
    if length_samples <= 0 or start_samples < 0 or start_samples + length_samples > track.length_samples:
        raise WindowError(
            f"{track.key}: samples {start_samples} to {start_samples + length_samples} were asked for, "
            f"the track has 0 to {track.length_samples}"
        )
