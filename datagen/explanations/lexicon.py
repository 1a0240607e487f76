"""The words the reader knows, declared in JSON: synonyms of stems, directions, magnitude words and what to refuse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from datagen.explanations.templates import read_json

AMOUNT = "amount"
STEM = "stem"


@dataclass(frozen=True)
class Entry:
    """What a word or phrase may mean."""

    kinds: frozenset[str]
    stem: str = ""
    band_db: tuple[float, float] = (0.0, 0.0)
    """For a magnitude word: what it stands for."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Phrases (tuples of lower-case words) and their meanings."""

    entries: Mapping[tuple[str, ...], Entry]
    longest: int

    def match(self, words: list[str]) -> tuple[int, Entry | None]:
        """How many of the first words form a known phrase, longest first, and its meaning."""
        for length in range(min(self.longest, len(words)), 0, -1):
            entry = self.entries.get(tuple(words[:length]))
            if entry is not None:
                return length, entry
        return 1, None


@lru_cache(maxsize=8)
def load_lexicon(stems: tuple[str, ...]) -> Lexicon:
    """The lexicon for a source's stems; synonyms of stems it does not have are sources it cannot change."""
    data: dict[str, Any] = read_json("lexicon.json")
    synonyms: dict[str, list[str]] = data.pop("stems")
    kinds: dict[tuple[str, ...], set[str]] = {}
    for kind, phrases in data.items():
        for phrase in phrases:
            kinds.setdefault(_words(phrase), set()).add(kind)
    entries = {words: Entry(frozenset(found)) for words, found in kinds.items()}
    entries.update(_amounts(entries))
    for stem, phrases in synonyms.items():
        known = stem in stems
        for phrase in phrases:
            entries[_words(phrase)] = Entry(frozenset({STEM}), stem) if known else Entry(frozenset({"part"}))
    for stem in stems:
        entries[_words(stem.replace("_", " "))] = Entry(frozenset({STEM}), stem)
    return Lexicon(entries, max(len(words) for words in entries))


def magnitude_words() -> dict[str, tuple[float, float]]:
    """The declared table of magnitude words: {phrase: (low, high) in dB}; they are read to the middle."""
    return {
        phrase: (float(row["low_db"]), float(row["high_db"]))
        for row in read_json("amounts.json")
        for phrase in row["words"]
    }


def written_amounts() -> dict[str, tuple[float, float]]:
    """The magnitude words the writer uses: {phrase: (low, high) in dB}, one a band."""
    return {row["writes"]: (float(row["low_db"]), float(row["high_db"])) for row in read_json("amounts.json")}


def _amounts(entries: Mapping[tuple[str, ...], Entry]) -> dict[tuple[str, ...], Entry]:
    found = {}
    for phrase, band_db in magnitude_words().items():
        words = _words(phrase)
        others = entries[words].kinds if words in entries else frozenset()
        found[words] = Entry(others | {AMOUNT}, band_db=band_db)
    return found


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(phrase.replace("-", " ").replace("’", "'").lower().split())
