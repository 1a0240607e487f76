"""Every word the terse register can write, for a tokenizer that works word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from datagen.explanations.templates import load_templates
from datagen.explanations.writing import number_tokens, write
from datagen.words import STEMS, Changes, GainChange

_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]")


def split_words(text: str) -> list[str]:
    """Numbers, words and punctuation marks of a text, in order, as written."""
    return _WORD.findall(text)


def vocabulary(stems: Sequence[str] = STEMS) -> set[str]:
    """All words, numbers and marks in the terse register's findings and advice without reasons, as written."""
    templates = load_templates("terse")
    n_seeds = 2 * max(len(templates.advice), len(templates.nothing), len(templates.finding))
    words = set(number_tokens())
    for seed in range(n_seeds):
        for changes in _examples(stems):
            for reference in (True, False):
                text = write(changes, register="terse", seed=seed, reference=reference)
                words.update(split_words(text.finding), split_words(text.advice))
    return words


def _examples(stems: Sequence[str]) -> list[Changes]:
    examples: list[Changes] = [()]
    for first in stems:
        for second in stems:
            for up in (1.0, -1.0):
                rest = () if first == second else (GainChange(second, up), GainChange(second, -up))
                examples.append((GainChange(first, up),))
                examples.extend((GainChange(first, up), other) for other in rest)
    return examples
