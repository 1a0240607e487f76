"""The sentence patterns of each register, read from the package's JSON files when first needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from datagen.words import REGISTERS, Register


@dataclass(frozen=True)
class Pattern:
    """How one text states any number of gain changes."""

    first: tuple[str, str]
    """The first change, louder and quieter; fields {the}, {name}, {they}, {n} and verbs in the stem's number."""
    next: tuple[str, str]
    """Every further change."""
    join: str
    """`and`, `comma` or `sentence`."""


@dataclass(frozen=True)
class Templates:
    """All patterns of a register."""

    advice: tuple[Pattern, ...]
    nothing: tuple[str, ...]
    finding: tuple[Pattern, ...]
    finding_nothing: tuple[str, ...]
    finding_alone: tuple[Pattern, ...]
    finding_alone_nothing: tuple[str, ...]
    intros: tuple[str, ...]
    """Sentences before the advice; an empty one stands for none."""
    outros: tuple[str, ...]
    words: tuple[Pattern, ...]
    """Advice with magnitude words, field {amount}."""
    reasons: Mapping[str, tuple[str, ...]]
    """Wordings of each kind of reason."""


@cache
def load_templates(register: Register) -> Templates:
    """The patterns of a register. Raises ValueError for an unknown register."""
    if register not in REGISTERS:
        raise ValueError(f"unknown register {register!r}; expected one of {', '.join(REGISTERS)}")
    data = read_json(f"templates_{register}.json")
    return Templates(
        advice=_patterns(data["advice"]),
        nothing=tuple(data["nothing"]),
        finding=_patterns(data["finding"]),
        finding_nothing=tuple(data["finding_nothing"]),
        finding_alone=_patterns(data["finding_alone"]),
        finding_alone_nothing=tuple(data["finding_alone_nothing"]),
        intros=tuple(data.get("intros", [""])),
        outros=tuple(data.get("outros", [""])),
        words=_patterns(data["words"]),
        reasons={kind: tuple(wordings) for kind, wordings in data["reasons"].items()},
    )


def read_json(name: str) -> Any:
    """The content of one of this package's JSON files."""
    return json.loads(files("datagen.explanations").joinpath(name).read_text(encoding="utf-8"))


def _patterns(entries: list[dict[str, Any]]) -> tuple[Pattern, ...]:
    return tuple(
        Pattern(
            first=_pair(entry["first"]),
            next=_pair(entry.get("next", entry["first"])),
            join=entry.get("join", "and"),
        )
        for entry in entries
    )


def _pair(louder_quieter: list[str]) -> tuple[str, str]:
    louder, quieter = louder_quieter
    return louder, quieter
