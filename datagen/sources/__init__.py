"""Stems by name: list tracks, read windows. One module a layout, all behind `Source`."""

from datagen.sources.registry import LAYOUTS, open_source, read_excerpt, recognise, track_of
from datagen.sources.track import Audio, Source, SourceError, Track, UnknownTrackError, Unusable, WindowError

__all__ = [
    "LAYOUTS",
    "Audio",
    "Source",
    "SourceError",
    "Track",
    "UnknownTrackError",
    "Unusable",
    "WindowError",
    "open_source",
    "read_excerpt",
    "recognise",
    "track_of",
]
