"""The reader against hand-written free texts: hedged, relative, contradictory, in plain words, with foreign habits.

Batches 1 and 2 were written beside the reader. Batch 3 was written afterwards and first read before any change: 4 of
its 64 texts were misread (6 %), two of them as a move where none should be read, none with a flipped sign. Batch 4 was
written to trap it with descriptions that look like advice ("compared with the reference: vocals -3 dB"); at first 16 of
its 35 were read as moves. Batch 5 was written last: 4 of its 40 were misread at first (10 %), one of them as a part of
what it asked for. What the reader does on texts by others has to be measured on texts by others.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from datagen.explanations import Reading, read
from datagen.words import mapping_from_changes

CORPUS = Path(__file__).with_name("corpus.jsonl")
MOST_ERRORS = 0.03


def load_corpus() -> list[dict[str, Any]]:
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def as_mapping(reading: Reading) -> dict[str, float] | None:
    return None if reading.changes is None else mapping_from_changes(reading.changes)


def test_corpus_holds_at_least_150_texts_of_every_kind():
    kinds = Counter(entry["kind"] for entry in load_corpus())

    assert sum(kinds.values()) >= 150
    assert {"signs", "ranges", "units", "unknown", "contradictory", "relative", "negation", "words"} <= set(kinds)


def test_error_rate_on_free_texts_stays_under_its_bound():
    corpus = load_corpus()

    wrong = [entry for entry in corpus if as_mapping(read(entry["text"])) != entry["changes_db"]]

    print(f"reader: {len(wrong)} of {len(corpus)} free texts misread ({len(wrong) / len(corpus):.1%})")
    assert len(wrong) <= MOST_ERRORS * len(corpus), [entry["text"] for entry in wrong]


def test_no_sign_is_ever_flipped():
    flipped = [
        entry["text"]
        for entry in load_corpus()
        for stem, gain_db in (as_mapping(read(entry["text"])) or {}).items()
        if gain_db * (entry["changes_db"] or {}).get(stem, 0.0) < 0.0
    ]

    assert flipped == []


def test_no_move_is_read_where_none_is_certain():
    guessed = [
        entry["text"] for entry in load_corpus() if entry["changes_db"] is None and as_mapping(read(entry["text"]))
    ]

    assert guessed == []


def test_gains_from_magnitude_words_are_marked_as_such():
    unmarked = [
        entry["text"]
        for entry in load_corpus()
        if entry["changes_db"] and read(entry["text"]).from_words != entry["from_words"]
    ]

    assert unmarked == []


def test_what_is_not_actionable_always_says_why():
    silent = [
        entry["text"]
        for entry in load_corpus()
        if (reading := read(entry["text"])).changes is None and not reading.not_actionable
    ]

    assert silent == []
