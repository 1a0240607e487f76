"""What is known of a pair's advices without asking anybody: gain changes, the imbalance each leaves, and length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studyweb.stats.separability import WORD
from studyweb.studies.imbalance import imbalance_left_db
from studyweb.studies.models import Advice, Study, System

SAME_WITHIN_DB = 0.5
"""Advices whose every gain change agrees within this much are the same to a listener."""
_ROUNDING_DB = 1e-9
_DECIMALS = 6
"""Imbalances that differ by rounding noise alone are equal."""


@dataclass(frozen=True)
class AdviceFacts:
    """One advice as it is read and followed."""

    changes_db: Mapping[str, float] | None
    """{stem: gain_db}; None where the text cannot be read as gain changes."""
    left_db: float | None
    """Imbalance after following it (RMS over audible stems); None where it cannot be followed."""
    words: int

    @property
    def moves(self) -> int | None:
        """How many stems it moves."""
        return None if self.changes_db is None else len(self.changes_db)


@dataclass(frozen=True)
class ItemFacts:
    """An item's problem and the advices of a pair's two systems on it."""

    problem_db: float
    """Imbalance before any advice."""
    largest_db: float
    """The largest gain change that undoes the problem; 0 where nothing was disturbed."""
    first: AdviceFacts
    second: AdviceFacts

    @property
    def lead_db(self) -> float | None:
        """How much less imbalance the first system's advice leaves than the second's."""
        if self.first.left_db is None or self.second.left_db is None:
            return None
        return round(self.second.left_db - self.first.left_db, _DECIMALS) + 0.0

    @property
    def is_same(self) -> bool:
        """Whether both can be followed and no gain change differs by more than SAME_WITHIN_DB."""
        one, other = self.first.changes_db, self.second.changes_db
        if one is None or other is None:
            return False
        apart_db = (abs(one.get(stem, 0.0) - other.get(stem, 0.0)) for stem in one.keys() | other.keys())
        return all(each <= SAME_WITHIN_DB + _ROUNDING_DB for each in apart_db)


def item_facts(study: Study, first: System, second: System) -> dict[int, ItemFacts]:
    """{item: its facts} of every item on which both systems advise."""
    advices: dict[int, dict[int, Advice]] = {}
    of_pair = Advice.objects.filter(item__study=study, system__in=[first, second])
    for advice in of_pair.select_related("item").prefetch_related("item__stems"):
        advices.setdefault(advice.item_id, {})[advice.system_id] = advice
    return {
        item: _facts(both[first.pk], both[second.pk])
        for item, both in advices.items()
        if {first.pk, second.pk} <= both.keys()
    }


def _facts(first: Advice, second: Advice) -> ItemFacts:
    corrected_db = (abs(gain_db) for gain_db in first.item.correction.values())
    return ItemFacts(
        problem_db=imbalance_left_db(first.item, None),
        largest_db=max(corrected_db, default=0.0),
        first=_of_advice(first),
        second=_of_advice(second),
    )


def _of_advice(advice: Advice) -> AdviceFacts:
    is_readable = advice.changes is not None
    return AdviceFacts(
        changes_db=advice.changes,
        left_db=imbalance_left_db(advice.item, advice) if is_readable else None,
        words=len(WORD.findall(advice.text)),
    )
