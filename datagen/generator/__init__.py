"""Songs of four stems made by synthesis alone: free to serve and to publish, endless, and the same on every run."""

from datagen.generator.keys import GENERATOR_VERSION, UnknownSongError, song_keys
from datagen.generator.plan import Layer, Section, SongPlan
from datagen.generator.planning import plan_song
from datagen.generator.render import render

__all__ = (
    "GENERATOR_VERSION",
    "Layer",
    "Section",
    "SongPlan",
    "UnknownSongError",
    "plan_song",
    "render",
    "song_keys",
)
