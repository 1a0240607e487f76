"""Backgrounds for everybody's eyes: no combination of answers is shared by fewer than five people.

k-anonymity by generalisation and suppression (Samarati 2001, IEEE TKDE 13(6)): an answer keeps its detail where
enough people share it, is widened where they do not, and is hidden where even that tells somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

SMALLEST_GROUP = 5
FIELDS = ("years_mixing", "role", "listening")
"""What somebody could be known by; whatever else was asked is not in public exports."""
HIDDEN = "hidden"
WIDER_YEARS = {
    "under_3": "up_to_5",
    "3_to_5": "up_to_5",
    "6_to_10": "over_5",
    "11_to_20": "over_5",
    "over_20": "over_5",
}

Combination = tuple[Any, ...]


def banded(backgrounds: Sequence[Mapping[str, Any]], *, smallest: int = SMALLEST_GROUP) -> list[dict[str, Any]]:
    """The backgrounds in their order, so that every combination in the result is shared by `smallest` people or all.

    Values become wider, or `hidden`. Fewer people than `smallest`: everything is hidden.
    """
    detailed = [tuple(background.get(name) for name in FIELDS) for background in backgrounds]
    shown: list[Combination | None] = [None] * len(detailed)
    for widen in STEPS:
        candidates = {place: widen(detailed[place]) for place, done in enumerate(shown) if done is None}
        shared = Counter(candidates.values())
        for place, combination in candidates.items():
            if shared[combination] >= smallest:
                shown[place] = combination
    _hide_the_rest(shown, smallest)
    return [dict(zip(FIELDS, combination or EVERYTHING_HIDDEN, strict=True)) for combination in shown]


def _hide_the_rest(shown: list[Combination | None], smallest: int) -> None:
    """Those without a group are hidden; were they too few to hide among themselves, the smallest groups join them."""
    while 0 < shown.count(None) < smallest:
        groups = Counter(each for each in shown if each is not None)
        if not groups:
            return
        joining = min(groups, key=lambda combination: (groups[combination], str(combination)))
        shown[:] = [None if each == joining else each for each in shown]


EVERYTHING_HIDDEN: Combination = (HIDDEN,) * len(FIELDS)

STEPS: tuple[Callable[[Combination], Combination], ...] = (
    lambda each: each,
    lambda each: (_wider(each[0]), each[1], each[2]),
    lambda each: (_wider(each[0]), each[1], HIDDEN),
    lambda each: (_wider(each[0]), HIDDEN, HIDDEN),
)
"""From most to least detail: wider years, then without how they listened, then without their role."""


def _wider(years: Any) -> Any:
    return WIDER_YEARS.get(years, HIDDEN) if years else years
