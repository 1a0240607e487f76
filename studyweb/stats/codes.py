"""The answer codes and what they are worth. An unknown code raises; it never becomes a tie."""

from __future__ import annotations

from collections.abc import Mapping

PREFERENCE_OF_CHOICE: Mapping[str, int] = {
    "a_clearly": 2,
    "a_slightly": 1,
    "no_preference": 0,
    "b_slightly": -1,
    "b_clearly": -2,
}
"""Each choice as preference for slot A over slot B, -2..2."""

CHOICES = tuple(PREFERENCE_OF_CHOICE)
NO_PREFERENCE_REASONS = ("no_difference", "different_but_equal", "both_unhelpful", "other_problem")
KEEP = ("yes", "partly", "no")
RATINGS = (*(str(number) for number in range(1, 8)), "cant_tell")


class UnknownAnswerError(ValueError):
    """An answer code that this version does not know."""


def preference_for_first(choice: str, *, first_is_a: bool) -> int:
    """A choice as preference for a pair's first system over its second, -2..2.

    Raises UnknownAnswerError for a code that is not in CHOICES.
    """
    if choice not in PREFERENCE_OF_CHOICE:
        raise UnknownAnswerError(f"unknown choice {choice!r}; expected one of {', '.join(CHOICES)}")
    for_a = PREFERENCE_OF_CHOICE[choice]
    return for_a if first_is_a else -for_a


def score_of_preference(preference: int) -> float:
    """1 when the first system was chosen, 0 when the second was, 1/2 for every kind of no preference."""
    return 0.5 + 0.5 * ((preference > 0) - (preference < 0))
