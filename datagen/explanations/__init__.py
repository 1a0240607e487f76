"""Texts about gain changes: written from them, and read back into them. One package, one grammar."""

from datagen.explanations.facts import ExplanationFacts, Masking
from datagen.explanations.moves import Move
from datagen.explanations.reading import Reading, read
from datagen.explanations.vocabulary import split_words, vocabulary
from datagen.explanations.writing import Explanation, number_tokens, write

__all__ = [
    "Explanation",
    "ExplanationFacts",
    "Masking",
    "Move",
    "Reading",
    "number_tokens",
    "read",
    "split_words",
    "vocabulary",
    "write",
]
