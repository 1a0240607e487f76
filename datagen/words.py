"""The shared words: stems, gain changes, reference kinds. No dependencies, imported by every part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

STEMS: tuple[str, ...] = ("drums", "bass", "other", "vocals")
"""MUSDB18's stems in MUSDB18's order. Sources with other stems keep a named list; no code assumes four."""

SPOKEN_STEMS: Mapping[str, str] = {
    "drums": "the drums",
    "bass": "the bass",
    "other": "the other instruments",
    "vocals": "the vocals",
}

GRID_DB = 0.5
"""Gain changes live on this grid."""

MAX_GAIN_DB = 12.0
"""The largest gain change that is written, read or applied, either way."""

ReferenceKind = Literal["same_passage", "other_passage", "previous_version", "other_song", "none"]
Shown = Literal["mix", "stems", "mix_ref", "stems_ref"]
TrainedOn = Literal["mix", "stems", "mix_ref", "stems_ref", "untuned"]
Register = Literal["terse", "neutral", "tutorial"]

REFERENCE_KINDS: tuple[str, ...] = get_args(ReferenceKind)
SHOWN: tuple[str, ...] = get_args(Shown)
TRAINED_ON: tuple[str, ...] = get_args(TrainedOn)
REGISTERS: tuple[str, ...] = get_args(Register)


@dataclass(frozen=True, order=True)
class GainChange:
    """One stem and a gain in dB; + is louder."""

    stem: str
    gain_db: float


Changes = tuple[GainChange, ...]
"""A set of gain changes, at most one a stem, in the source's stem order; empty means "nothing to change"."""


def changes_from_mapping(gains_db: Mapping[str, float], stems: tuple[str, ...] = STEMS) -> Changes:
    """Gain changes in stem order from {stem: gain_db}, leaving out zeros.

    Raises ValueError for a stem that is not in `stems`.
    """
    unknown = sorted(set(gains_db) - set(stems))
    if unknown:
        raise ValueError(f"unknown stem {', '.join(unknown)}; expected some of {', '.join(stems)}")
    return tuple(GainChange(stem, float(gains_db[stem])) for stem in stems if gains_db.get(stem, 0.0) != 0.0)


def mapping_from_changes(changes: Changes) -> dict[str, float]:
    """{stem: gain_db} from gain changes; the inverse of changes_from_mapping for non-zero gains."""
    return {change.stem: change.gain_db for change in changes}


def snap_to_grid(gain_db: float) -> float:
    """The nearest gain on the grid, in dB; halves go away from zero."""
    steps = int(abs(gain_db) / GRID_DB + 0.5)
    return (steps * GRID_DB if gain_db >= 0 else -steps * GRID_DB) + 0.0
