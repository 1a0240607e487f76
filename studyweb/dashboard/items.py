"""The items of a study as its researcher may see them: briefs at any time, what tells arms only when it may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studyweb.studies.imbalance import imbalance_left_db
from studyweb.studies.masking import is_hidden
from studyweb.studies.models import Advice, Item, Study


@dataclass(frozen=True)
class ShownAdvice:
    """One advice with what it leaves of the imbalance."""

    advice: Advice
    residual_db: float | None


@dataclass(frozen=True)
class ShownItem:
    """One item; the answer and the advices are None while arms are hidden."""

    item: Item
    start_s: float
    length_s: float
    disturbance_db: Mapping[str, float] | None
    correction_db: Mapping[str, float] | None
    advices: tuple[ShownAdvice, ...] | None


def shown_items(study: Study) -> list[ShownItem]:
    """Every item in the study's order."""
    hidden = is_hidden(study)
    items = study.items.select_related("track").prefetch_related("stems", "advices__system")
    return [_shown(item, hidden=hidden) for item in items]


def _shown(item: Item, *, hidden: bool) -> ShownItem:
    advices = sorted(item.advices.all(), key=lambda advice: advice.system.position)
    return ShownItem(
        item=item,
        start_s=item.start_samples / item.track.sample_rate,
        length_s=item.length_samples / item.track.sample_rate,
        disturbance_db=None if hidden else item.recipe.get("disturbance_db", {}),
        correction_db=None if hidden else item.correction,
        advices=None if hidden else tuple(_shown_advice(item, each) for each in advices),
    )


def _shown_advice(item: Item, advice: Advice) -> ShownAdvice:
    return ShownAdvice(advice, None if advice.changes is None else imbalance_left_db(item, advice))
