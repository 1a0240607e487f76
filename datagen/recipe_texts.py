"""The two texts of a recipe's explanation."""

from __future__ import annotations

from datagen.explanations import Explanation, ExplanationFacts, write
from datagen.recipes import Recipe, correction_of


def explanation_of(recipe: Recipe, *, facts: ExplanationFacts | None = None) -> Explanation:
    """Finding and advice of a recipe; the finding compares in dB only with the very passage it is about.

    Reasons are given only with `facts`, which must be measured in the problem set.
    """
    same = recipe.reference_kind == "same_passage"
    return write(
        correction_of(recipe), facts=facts, register=recipe.register, seed=recipe.template_seed, reference=same
    )
