"""What is asked in a trial, as data: named sets of criteria and the words of every question.

Prompts are English here and translated when a page is served, so that a stored trial keeps what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

Options = tuple[tuple[str, str], ...]
"""(stored value, label) in the order shown."""

CHOICE_OPTIONS: Options = (
    ("a_clearly", _("A, clearly")),
    ("a_slightly", _("A, slightly")),
    ("no_preference", _("No preference")),
    ("b_slightly", _("B, slightly")),
    ("b_clearly", _("B, clearly")),
)
REASON_OPTIONS: Options = (
    ("no_difference", _("I hear no difference")),
    ("different_but_equal", _("Different, but equally good")),
    ("both_unhelpful", _("Both are unhelpful")),
    ("other_problem", _("The real problem is something else")),
)
KEEP_OPTIONS: Options = (("yes", _("Yes")), ("partly", _("Partly")), ("no", _("No")))
RATING_OPTIONS: Options = (
    ("1", _("1 – not at all")),
    *((str(number), str(number)) for number in range(2, 7)),
    ("7", _("7 – completely")),
    ("cant_tell", _("Can't tell")),
)
GUESS_OPTIONS: Options = (("a", "A"), ("b", "B"), ("cant_tell", _("Can't tell")))

OPTIONS: Mapping[str, Options] = {
    "choice": CHOICE_OPTIONS,
    "reason": REASON_OPTIONS,
    "keep": KEEP_OPTIONS,
    "rating": RATING_OPTIONS,
    "guess": GUESS_OPTIONS,
    "text": (),
    "faders": (),
}

STEP_TITLES: Mapping[str, str] = {
    "fix": _("Your own fix first"),
    "read": _("Read both"),
    "hear": _("Hear both"),
    "guess": _("One last question"),
}

PROMPTS: Mapping[str, str] = {
    "own_fix": _("Before you read anything: how would you set the faders of this mix?"),
    "first_choice": _("Which would you rather act on?"),
    "final_choice": _("Having heard both: which advice served this mix better?"),
    "final_choice_unheard": _("Which advice serves this mix better?"),
    "no_preference_reason": _("Why no preference?"),
    "keep": _("Would you keep this change?"),
    "confidence": _("How sure are you of your choice?"),
    "comment": _("Anything you want to add?"),
    "heard_more": _(
        "One of these two comes from a system that heard more of the music than the other. Which one, do you think?"
    ),
}


@dataclass(frozen=True)
class Criterion:
    """A statement about one advice, rated 1 to 7 or "can't tell"."""

    name: str
    statement: str


@dataclass(frozen=True)
class CriteriaSet:
    """The scales of a study: some make sense from reading alone, some only after hearing."""

    read: tuple[Criterion, ...]
    hear: tuple[Criterion, ...]
    ask_keep: bool


CRITERIA: Mapping[str, CriteriaSet] = {
    "default": CriteriaSet(
        read=(
            Criterion("describes", _("It describes what I hear")),
            Criterion("tells", _("It tells me what to move, which way and how far")),
        ),
        hear=(
            Criterion("improves", _("Following it improves this balance")),
            Criterion("want", _("I would want this in a real session")),
        ),
        ask_keep=True,
    ),
    # The three criteria of MixAssist's judge (Clemens & Marasovic 2025), asked of people in words of our own.
    "mixassist": CriteriaSet(
        read=(Criterion("fluency", _("It reads as natural, concise and decided")),),
        hear=(
            Criterion("accuracy", _("What it says about this mix is technically right")),
            Criterion("helpful", _("It helps me with this mix")),
        ),
        ask_keep=True,
    ),
    # The four scales that the project's proposal names.
    "proposal": CriteriaSet(
        read=(Criterion("actionability", _("I know exactly what to do with it")),),
        hear=(
            Criterion("effectiveness", _("Following it solves the problem of this mix")),
            Criterion("musicality", _("Following it serves the music")),
            Criterion("helpfulness", _("It is helpful to me")),
        ),
        ask_keep=True,
    ),
}
