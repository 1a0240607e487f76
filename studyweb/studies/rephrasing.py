"""The rephrased system: the gains of another one in other words. What it is preferred by is the words alone."""

from __future__ import annotations

from datagen.explanations import write
from datagen.recipes import Recipe
from datagen.requests import AdviceResult
from datagen.words import Register, changes_from_mapping

MOST_TRIES = 200


def rephrased_advice(said: AdviceResult, recipe: Recipe, *, register: Register) -> AdviceResult:
    """Advice with exactly the gains of `said`, by the first of the writer's seeds that gives another text.

    Raises ValueError when `said` holds no gains, or when the writer has no second phrasing for them.
    """
    if said.changes_db is None:
        raise ValueError("advice that cannot be read cannot be said again in other words")
    changes = changes_from_mapping(said.changes_db, tuple(said.changes_db))
    for seed in range(recipe.template_seed + 1, recipe.template_seed + MOST_TRIES):
        text = write(changes, register=register, seed=seed, reference=False)
        if text.advice != said.text:
            return AdviceResult(
                text=text.advice,
                finding=text.finding,
                changes_db=dict(said.changes_db),
                not_actionable="",
                provenance={"made_by": "rephrasing", "template_seed": seed},
            )
    raise ValueError(f"the {register} register has one phrasing only for {said.text!r}")
