"""On which side the pairs' first systems stand, item by item: monitored, not forced. Never an arm."""

from __future__ import annotations

from dataclasses import dataclass

from studyweb.studies.models import Item, Study
from studyweb.trials.assignment import sides_by_item
from studyweb.trials.form_answers import STORED_AS
from studyweb.trials.models import Participant


@dataclass(frozen=True)
class ItemSides:
    """Scored trials of one item, completed or held by a live session."""

    item: Item
    in_a: int
    in_b: int

    @property
    def total(self) -> int:
        """Trials on either side."""
        return self.in_a + self.in_b


def item_sides(study: Study) -> list[ItemSides]:
    """Every scored item with how often the first system of its trial's pair stood in A and in B."""
    counts = sides_by_item(study)
    scored = study.items.filter(role=Item.Role.SCORED).select_related("track")
    return [ItemSides(item, *counts.get(str(item.position), (0, 0))) for item in scored]


def strata_of(participant: Participant) -> dict[str, str]:
    """{factor: level} of the study's strata, from what the participant said about themselves."""
    factors = participant.study.plan["design"].get("strata", [])
    return {factor: str(participant.background.get(STORED_AS.get(factor, factor), "")) for factor in factors}
