"""MUSDB18's track list."""

from __future__ import annotations

import unicodedata
from collections import Counter

from datagen.sources.musdb18_facts import ERRATA, EXCLUDED, _songs_by_name, song_facts


def test_the_split_is_86_14_50() -> None:
    assert Counter(song.split for song in _songs_by_name().values()) == {"train": 86, "validation": 14, "test": 50}


def test_licences_are_those_of_the_track_list() -> None:
    counts = Counter(song.licence for song in _songs_by_name().values())
    assert counts == {"restricted": 102, "CC BY-NC-SA 4.0": 46, "CC BY-NC-SA 3.0": 2}


def test_every_song_of_the_errata_is_in_the_list() -> None:
    assert all(song_facts(name) is not None for name in {**ERRATA, **EXCLUDED})


def test_names_are_found_whatever_their_punctuation_and_accents() -> None:
    spellings = ["Jokers Jacks & Kings - Sea Of Leaves", unicodedata.normalize("NFD", "ANiMAL - Rockshow")]
    assert [song.split for name in spellings if (song := song_facts(name))] == ["train", "validation"]
