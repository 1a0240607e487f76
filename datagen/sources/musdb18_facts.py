"""What is known about MUSDB18's 150 songs by name: split, genre, licence, errata.

Names, genres, origins and licences: the track list at sigsep.github.io/datasets/musdb.html. The split is the official
86/14/50: the test folder, and the fixed validation list of the `musdb` package. Errata: the same page, 2025.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

EXCLUDED: Mapping[str, str] = {
    "PR - Oh No": "errata: the left channel of the sum of its stems is not the mixture's",
}
"""Left out unless asked for."""

ERRATA: Mapping[str, str] = {
    "Al James - Schoolboy Facination": "errata: synthetic vocals are in `other`",
    "BKS - Bulldozer": "errata: a cowbell is in `other` at 1:12",
    "Chris Durban - Celebrate": "errata: other instruments bleed into `vocals`",
    "Detsky Sad - Walkie Talkie": "errata: other instruments are in `drums`",
    "Enda Reilly - Cur An Long Ag Seol": "errata: speech at the start of `other`",
    "Hop Along - Sister Cities": "errata: other instruments bleed into `vocals`",
    "Leaf - Wicked": "errata: a guitar is in `drums` at 2:20 and 3:02, and maybe in `vocals` at 3:02-3:08",
    "PR - Oh No": EXCLUDED["PR - Oh No"],
}
"""Shown as warnings on the track."""


@dataclass(frozen=True)
class SongFacts:
    """One line of the track list."""

    name: str
    split: str
    genre: str
    origin: str
    licence: str

    @property
    def may_serve(self) -> bool:
        """Creative Commons songs may be served to participants of a non-commercial study; restricted ones not."""
        return self.licence.startswith("CC ")


def song_facts(name: str) -> SongFacts | None:
    """Facts of a song by its name `<artist> - <title>`, whatever its accents' encoding and punctuation."""
    return _songs_by_name().get(_plain(name))


def errata_of(name: str) -> str:
    """The known fault of a song, or an empty string."""
    facts = song_facts(name)
    return ERRATA.get(facts.name, "") if facts else ""


@lru_cache(maxsize=1)
def _songs_by_name() -> Mapping[str, SongFacts]:
    with (Path(__file__).parent / "musdb18_tracks.csv").open(encoding="utf-8", newline="") as file:
        return {_plain(row["name"]): SongFacts(**row) for row in csv.DictReader(file)}


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFC", name).casefold() if c.isalnum())
