"""A song on paper: what is decided before a single sample exists."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.generator.genres import Progression
from datagen.generator.timbres import Timbre

NOTE_NAMES = ("C", "D♭", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True)
class Section:
    """A stretch of a song; times in seconds from its start. `playing` follows STEMS."""

    name: str
    start_bar: int
    bars: int
    start_s: float
    end_s: float
    energy: float
    progression: Progression
    playing: tuple[bool, ...]


@dataclass(frozen=True)
class Layer:
    """One accompanying instrument of the `other` stem."""

    timbre: Timbre
    style: str
    pan: float
    gain_db: float


@dataclass(frozen=True)
class SongPlan:
    """Everything that decides how a song sounds. Levels in LU re the mix of all stems, in STEMS order.

    `mix_lufs` is aimed at; a song whose peaks would come too near full scale is rendered softer as a whole.
    """

    key: str
    split: str
    spread: float
    title: str
    genre: str
    tempo_bpm: int
    tonic: int
    minor: bool
    swing: float
    sections: tuple[Section, ...]
    duration_s: float
    levels_lu: tuple[float, ...]
    lead: str
    mix_lufs: float
    kit: Timbre
    drum_style: str
    bass: Timbre
    bass_style: str
    layers: tuple[Layer, ...]
    hook: Layer
    voice: Timbre
    vocal_style: str
    harmony_vocals: bool
    room: Timbre
    wet: tuple[float, ...]

    @property
    def musical_key(self) -> str:
        """Tonic and mode in words, for example `A minor`."""
        return f"{NOTE_NAMES[self.tonic]} {'minor' if self.minor else 'major'}"

    @property
    def bar_s(self) -> float:
        """Length of a bar of four beats, in seconds."""
        return 240.0 / self.tempo_bpm

    @property
    def timbre_ids(self) -> tuple[str, ...]:
        """Names of every sound in the song."""
        return tuple(
            t.id
            for t in (
                self.kit,
                self.bass,
                self.voice,
                self.room,
                *(layer.timbre for layer in (*self.layers, self.hook)),
            )
        )

    def section_at(self, time_s: float) -> Section:
        """The section that is playing at a time in seconds; the first or last one outside the song."""
        for section in self.sections:
            if time_s < section.end_s:
                return section
        return self.sections[-1]
