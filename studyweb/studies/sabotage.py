"""The sabotaged system: advice that moves what is wrong further the wrong way. A low anchor, made on purpose."""

from __future__ import annotations

from datagen.explanations import write
from datagen.recipes import Recipe
from datagen.requests import AdviceResult
from datagen.words import MAX_GAIN_DB, Changes, changes_from_mapping, mapping_from_changes, snap_to_grid

CLEAN_ITEM_DB = 6.0
"""On an item where nothing is wrong, one stem is moved by this much."""


def sabotaged_changes(recipe: Recipe) -> Changes:
    """Gain changes that double the disturbance, stem by stem: the opposite of the correction."""
    if not recipe.disturbance_db:
        audible = recipe.audible or ("vocals",)
        return changes_from_mapping({audible[recipe.seed % len(audible)]: CLEAN_ITEM_DB}, audible)
    doubled = {
        stem: snap_to_grid(max(-MAX_GAIN_DB, min(MAX_GAIN_DB, gain_db)))
        for stem, gain_db in recipe.disturbance_db.items()
    }
    return changes_from_mapping(doubled, tuple(doubled))


def sabotaged_advice(recipe: Recipe) -> AdviceResult:
    """The advice in the same words as any other; nothing in the text says that it is wrong."""
    changes = sabotaged_changes(recipe)
    text = write(changes, register=recipe.register, seed=recipe.template_seed, reference=False)
    return AdviceResult(
        text=text.advice,
        finding=text.finding,
        changes_db=mapping_from_changes(changes),
        not_actionable="",
        provenance={"made_by": "sabotage", "doubles": recipe.disturbance_db},
    )
