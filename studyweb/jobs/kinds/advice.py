"""Advice of one system on one item."""

from __future__ import annotations

from typing import Any

from datagen.recipes import recipe_from_json
from datagen.requests import AdviceRequest, AdviceResult
from studyweb.jobs.models import Job
from studyweb.studies.advices import store_advice
from studyweb.studies.models import Item, System

QUEUE = "gpu"


def load(job: Job) -> AdviceRequest:
    """What the system is shown: the problem, and the reference that its reference kind allows."""
    item, system = _rows(job)
    recipe = recipe_from_json(item.recipe)
    has_reference = system.reference_kind == recipe.reference_kind
    return AdviceRequest(
        item_id=item.public_id,
        excerpt=recipe.excerpt,
        disturbance_db=recipe.disturbance_db,
        problem_level_db=recipe.problem_level_db,
        reference_level_db=recipe.reference_level_db,
        reference_excerpt=recipe.reference_excerpt if has_reference else None,
        reference_gains_db=recipe.reference_gains_db if has_reference else {},
        system=system.entry,
        brief=item.brief,
        seed=recipe.seed,
    )


def store(job: Job, result: AdviceResult) -> dict[str, Any]:
    """Keep the advice."""
    item, system = _rows(job)
    advice = store_advice(item, system, result)
    return {"advice": advice.public_id}


def _rows(job: Job) -> tuple[Item, System]:
    return Item.objects.get(pk=job.payload["item"]), System.objects.get(pk=job.payload["system"])
