"""Texts about gain changes: written from them, and read back into them. One package, one grammar."""

from datagen.explanations.facts import ExplanationFacts, Masking
from datagen.explanations.vocabulary import split_words, vocabulary
from datagen.explanations.writing import Explanation, number_tokens, write

__all__ = [
    "Explanation",
    "ExplanationFacts",
    "Masking",
    "number_tokens",
    "split_words",
    "vocabulary",
    "write",
]
