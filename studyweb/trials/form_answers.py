"""The pages with plain forms: background, set-up, closing. What may be answered, and reading what was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studyweb.trials.criteria import RATING_OPTIONS
from studyweb.trials.plain_data import clean_text

MAX_DEVICE = 200
MAX_COMMENT = 2000

BACKGROUND_CHOICES: Mapping[str, tuple[str, ...]] = {
    "years": ("under_3", "3_to_5", "6_to_10", "11_to_20", "over_20"),
    "role": ("mixing_engineer", "producer", "musician", "student", "researcher", "other"),
    "listening": ("monitors", "headphones", "both_same", "laptop"),
    "hearing": ("none", "some", "no_answer"),
}
OPTIONAL_CHOICES = ("hearing",)
STORED_AS = {"years": "years_mixing"}
"""Where the stored name differs from the form's."""

SETUP_FIELDS = ("volume_db", "left_right", "heard_left_right", "polarity", "antiphase", "huggins", "listening")
"""Scores are stored as they come, in short texts; none of them keeps anybody out unless the study file says so."""
HEADPHONE_TESTS = ("antiphase", "huggins")

CLOSING_QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "name": "task_clear",
        "kind": "rating",
        "prompt": gettext_noop("It was clear what I had to do"),
        "options": [{"value": value, "label": label} for value, label in RATING_OPTIONS],
        "required": False,
        "show_if": None,
    },
    {
        "name": "comment",
        "kind": "text",
        "prompt": gettext_noop("Is there anything we should know about this session?"),
        "options": [],
        "required": False,
        "show_if": None,
    },
)


class FormError(ValueError):
    """A form was not filled in as needed; `errors` is {field: message}."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors.items()))
        self.errors = errors


def read_background(post: Mapping[str, str]) -> dict[str, str]:
    """The background as stored: years_mixing, role, listening, and what was given of hearing and device.

    Raises FormError with a message for every field.
    """
    errors, values = {}, {}
    for field, allowed in BACKGROUND_CHOICES.items():
        given = post.get(field, "")
        if given in allowed:
            values[STORED_AS.get(field, field)] = given
        elif given or field not in OPTIONAL_CHOICES:
            errors[field] = _("Please choose one.")
    if errors:
        raise FormError(errors)
    device = clean_text(post.get("device", ""), limit=MAX_DEVICE)
    return {**values, **({"device": device} if device else {})}


def background_values(stored: Mapping[str, Any]) -> dict[str, str]:
    """The stored background by the form's field names."""
    names = {stored_as: field for field, stored_as in STORED_AS.items()}
    return {names.get(name, name): str(value) for name, value in stored.items()}


def read_setup(post: Mapping[str, str]) -> dict[str, str]:
    """The set-up page's scores as short texts; unknown fields are dropped."""
    given = {field: clean_text(post.get(field, ""), limit=60) for field in SETUP_FIELDS}
    return {field: text for field, text in given.items() if text}


def best_headphone_score(setup: Mapping[str, str]) -> int:
    """How many were matched in the better of the two headphone tests, from scores like "5/6"; 0 without any."""
    scores = (setup.get(test, "").partition("/")[0] for test in HEADPHONE_TESTS)
    return max(int(right) if right.isdecimal() else 0 for right in scores)


def read_closing(post: Mapping[str, str]) -> dict[str, str]:
    """The closing questions' answers; what was left open is left out. Raises FormError for unknown values."""
    errors, values = {}, {}
    for question in CLOSING_QUESTIONS:
        name = question["name"]
        given = clean_text(post.get(name, ""), limit=MAX_COMMENT)
        allowed = {option["value"] for option in question["options"]}
        if given and allowed and given not in allowed:
            errors[name] = _("Please choose one.")
        elif given:
            values[name] = given
    if errors:
        raise FormError(errors)
    return values
