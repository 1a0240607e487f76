"""Does anything a participant's browser receives name a system? A check over recorded exchanges.

Names are searched as whole words in bodies, headers and addresses, letter case aside, also with spaces, hyphens and
underscores exchanged. Words of ordinary English that a page must be able to use are no evidence by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from datagen.words import REFERENCE_KINDS, SHOWN, STEMS, TRAINED_ON
from studyweb.studies.models import Study, System
from studyweb.trials.transports import Exchange

ORDINARY = frozenset({"mix", "stems", "none", "model", "human", "nothing", *STEMS})
"""Names that are also plain words of the pages: "the mix", "nothing to change", the list of stems."""

CODE_WORDS = (
    *("oracle", "sabotaged", "constant", "imported", "baseline", "differential", "adapter", "lora"),
    *("trained_on", "reference_kind", "system_a", "system_b", "first_in_a", "check_kind", "repeat_of"),
    *("disturbance", "correction", "ceiling", "same_passage"),
)
"""Words of the code and of studies that would give a system, a check or the answer away."""

ROLE_WORDS = ("scored", "check", "repeat")
"""Roles of a trial; they are looked for as JSON values, because "check" is also an ordinary word."""


@dataclass(frozen=True)
class Leak:
    """A name found in what a browser received."""

    name: str
    path: str
    where: str
    excerpt: str


def telling_names(study: Study) -> list[str]:
    """Every name that would tell something: the study's systems with all they were made from, and the code's words."""
    names = {*CODE_WORDS, *REFERENCE_KINDS, *SHOWN, *TRAINED_ON, *System.Kind.values}
    for system in study.systems.all():
        names |= {system.key, system.label, *_texts(system.entry)}
    return sorted(name for name in names if len(name) > 2 and name.lower() not in ORDINARY)


def leaks_in(exchanges: Iterable[Exchange], names: Iterable[str]) -> list[Leak]:
    """Every telling name in bodies, headers and addresses, and every role of a trial among JSON values."""
    patterns = [(name, _pattern(name)) for name in names]
    return [leak for exchange in exchanges for leak in _leaks_of(exchange, patterns)]


def _leaks_of(exchange: Exchange, patterns: list[tuple[str, re.Pattern[str]]]) -> Iterator[Leak]:
    places = {"address": exchange.path, "body": _body_text(exchange)}
    places |= {f"header {name}": f"{name}: {value}" for name, value in exchange.headers.items()}
    for where, text in places.items():
        for name, pattern in patterns:
            if found := pattern.search(text):
                yield Leak(name, exchange.path, where, _around(text, found))
    for role in ROLE_WORDS:
        if found := re.search(rf'[:,\[]\s*"{role}"', places["body"]):
            yield Leak(role, exchange.path, "body", _around(places["body"], found))


def _body_text(exchange: Exchange) -> str:
    """Text with JSON's escapes undone, so that a name cannot hide in them; of binary files nothing."""
    kind = exchange.headers.get("Content-Type", "")
    if not kind.startswith(("text/", "application/json")):
        return ""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found.group(1), 16)), exchange.text)


def _pattern(name: str) -> re.Pattern[str]:
    words = [re.escape(word) for word in re.split(r"[\s_\-]+", name) if word]
    spelled = r"[\s_-]*".join(words)
    return re.compile(rf"(?<![^\W_]){spelled}(?![^\W_])", re.IGNORECASE)


def _around(text: str, found: re.Match[str]) -> str:
    return " ".join(text[max(0, found.start() - 40) : found.end() + 40].split())


def _texts(value: Any) -> Iterator[str]:
    """Every text in a system's entry."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
