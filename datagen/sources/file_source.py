"""The source behind every layout of files: a layout's scan says which tracks there are and how each is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from numpy.typing import ArrayLike

from datagen.resample import resample_stems
from datagen.sources.track import Audio, SourceError, Track, Unusable, check_window, find_track


class StemReader(Protocol):
    """Reads one track's stems."""

    def read(self, *, start_samples: int, length_samples: int) -> Audio:
        """A window inside the track, float32 [stems, 2, samples]. Raises SourceError."""

    def mix(self, gains_linear: ArrayLike, *, start_samples: int, length_samples: int) -> Audio:
        """Mixes of a window inside the track, float32 [mixes, 2, samples], for gains [mixes, stems]."""

    def mixture_note(self) -> str:
        """How far the track's own mixture is from the sum of its stems; empty without a mixture."""

    def decode_notes(self) -> tuple[str, ...]:
        """What decoding found that headers do not tell, such as a decode that differs from this host's first."""


@dataclass
class Findings:
    """Tracks and problems gathered while a folder is scanned."""

    tracks: dict[str, Track] = field(default_factory=dict)
    readers: dict[str, StemReader] = field(default_factory=dict)
    unusable: list[Unusable] = field(default_factory=list)

    def add(self, track: Track, reader: StemReader) -> None:
        """Keep a track; a second one with the same key is left out and named."""
        if track.key in self.tracks:
            self.leave_out(track.key, "the same track was found twice; this one was left out")
        else:
            self.tracks[track.key] = track
            self.readers[track.key] = reader

    def attempt(self, name: str, find: Callable[[], tuple[Track, StemReader]]) -> None:
        """Keep what `find` gives; whatever is wrong with it leaves this one track out, with the reason."""
        try:
            self.add(*find())
        except ValueError as error:
            self.leave_out(name, str(error))
        except OSError as error:
            where = Path(error.filename).name if error.filename else name
            self.leave_out(name, f"{where}: cannot be read ({error.strerror or error})")
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            self.leave_out(name, f"its description is malformed ({type(error).__name__}: {error})")

    def leave_out(self, name: str, reason: str) -> None:
        """Note something that cannot be used."""
        self.unusable.append(Unusable(name, reason))

    def exclude(self, excluded: Mapping[str, str]) -> None:
        """Leave out tracks that a layout rules out, {key: reason}."""
        for key, reason in excluded.items():
            if self.tracks.pop(key, None) is not None:
                self.leave_out(key, f"left out by default, {reason}")


@dataclass(frozen=True)
class Layout:
    """One way in which stems lie in files."""

    name: str
    looked_for: str
    """What a path must hold, for error messages."""
    looks_like: Callable[[Path], bool]
    scan: Callable[[Path], Findings]
    """Finds the tracks of a resolved root; problems of single tracks are findings, not errors."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Tracks left out by default, {key: reason}."""


class FileSource:
    """Tracks of one layout at one root."""

    def __init__(self, layout: Layout, root: Path, *, keep_excluded: bool = False) -> None:
        """`keep_excluded` keeps tracks that the layout leaves out by default."""
        self.name = layout.name
        self.root_text = str(root)
        self._layout = layout
        self._root = root
        self._keep_excluded = keep_excluded

    def tracks(self) -> tuple[Track, ...]:
        """The usable tracks in the order of their keys; only headers are read."""
        return tuple(self._found.tracks[key] for key in sorted(self._found.tracks))

    def unusable(self) -> tuple[Unusable, ...]:
        """What was found but cannot be used, and why."""
        return tuple(self._found.unusable)

    def read(self, key: str, *, start_samples: int, length_samples: int, sample_rate: int | None = None) -> Audio:
        """Stems of a window, float32 [stems, 2, samples]."""
        track = self._track(key)
        check_window(track, start_samples=start_samples, length_samples=length_samples)
        try:
            stems = self._found.readers[key].read(start_samples=start_samples, length_samples=length_samples)
        except OSError as error:
            raise SourceError(f"{key}: cannot be read ({error.strerror or error})") from error
        return resample_stems(stems, track.sample_rate, to_rate=sample_rate)

    def mix(self, key: str, gains_linear: ArrayLike, *, start_samples: int, length_samples: int) -> Audio:
        """Mixes of a window, float32 [mixes, 2, samples], for gains [mixes, stems]; nothing is rendered in between."""
        check_window(self._track(key), start_samples=start_samples, length_samples=length_samples)
        return self._found.readers[key].mix(gains_linear, start_samples=start_samples, length_samples=length_samples)

    def mixture_note(self, key: str) -> str:
        """How far a track's own mixture is from the sum of its stems; empty without a mixture."""
        return self._found.readers[self._track(key).key].mixture_note()

    def decode_notes(self, key: str) -> tuple[str, ...]:
        """What decoding a track found that its headers do not tell."""
        return self._found.readers[self._track(key).key].decode_notes()

    def _track(self, key: str) -> Track:
        track = self._found.tracks.get(key)
        return track if track is not None else find_track(self.tracks(), key, source=f"{self.name} at {self._root}")

    @cached_property
    def _found(self) -> Findings:
        findings = self._layout.scan(self._root)
        if not self._keep_excluded:
            findings.exclude(self._layout.excluded)
        return findings
