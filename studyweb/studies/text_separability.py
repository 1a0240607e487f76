"""How far the texts of a study's pairs tell their systems apart, computed from the scored items' advice."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from django.core.cache import cache

from studyweb.stats.separability import AdviceText, Separability, separability
from studyweb.studies.models import Advice, Item, Study, System
from studyweb.studies.plan import declared_pairs

KEPT_S = 24 * 3600
Rows = list[tuple[int, AdviceText, AdviceText]]
"""(track, the first system's text, the second's) of every scored item."""


@dataclass(frozen=True)
class PairTexts:
    """One pair of the study file; `found` is None while fewer than two tracks have both texts."""

    first: System
    second: System
    found: Separability | None


def pair_texts(study: Study) -> list[PairTexts]:
    """Every declared pair, the primary first. What was computed for the same texts before is remembered."""
    systems = {system.key: system for system in study.systems.all()}
    advices: dict[int, dict[int, Advice]] = {}
    scored = Advice.objects.filter(item__study=study, item__role=Item.Role.SCORED)
    for advice in scored.select_related("item").order_by("item__position"):
        advices.setdefault(advice.item_id, {})[advice.system_id] = advice
    return [
        PairTexts(systems[first], systems[second], _remembered(_rows(advices, systems[first], systems[second])))
        for first, second in declared_pairs(study.plan)
    ]


def _rows(advices: dict[int, dict[int, Advice]], first: System, second: System) -> Rows:
    both = [of_item for of_item in advices.values() if {first.pk, second.pk} <= of_item.keys()]
    return [(each[first.pk].item.track_id, _text(each[first.pk]), _text(each[second.pk])) for each in both]


def _text(advice: Advice) -> AdviceText:
    return AdviceText(advice.text, None if advice.changes is None else len(advice.changes))


def _remembered(rows: Rows) -> Separability | None:
    content = json.dumps([[track, one.text, one.moves, other.text, other.moves] for track, one, other in rows])
    key = f"separability-{hashlib.sha256(content.encode()).hexdigest()}"
    found: Separability | None = cache.get_or_set(key, lambda: _computed(rows), KEPT_S)
    return found


def _computed(rows: Rows) -> Separability | None:
    tracks = np.array([track for track, _, _ in rows], dtype=np.intp)
    return separability([one for _, one, _ in rows], [other for _, _, other in rows], tracks)
