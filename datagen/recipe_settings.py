"""The settings recipes are drawn with, checked as a whole: every mistake of a file is reported at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from datagen.disturbances import DisturbanceSettings
from datagen.words import REFERENCE_KINDS, REGISTERS, Register

_LISTS = {"magnitudes_db", "magnitude_weights"}
_EXPECTED = {
    **dict.fromkeys(("clean_share", "two_stem_share", "up_share"), "a number from 0 to 1"),
    **dict.fromkeys(_LISTS, "a list of numbers"),
    "max_stems": "1 or 2",
}


class RecipeSettingsError(ValueError):
    """Settings that cannot be used; `problems` lists everything that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("recipe settings: " + "; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class RecipeSettings:
    """How recipes are drawn; check_settings makes them from a file's content."""

    disturbance: DisturbanceSettings = field(default_factory=DisturbanceSettings)
    reference_kinds: tuple[tuple[str, float], ...] = (("same_passage", 1.0),)
    """Kinds and their weights; a kind an excerpt cannot offer is left out for it."""
    level_range_db: float = 6.0
    """Problem and reference each get a common level within +- this, independently."""
    previous_version_max_db: float = 1.5
    """A previous version's balance differs by at most this, per stem."""
    register: Register = "terse"


def check_settings(mapping: Mapping[str, Any]) -> RecipeSettings:
    """Settings from a parsed YAML or JSON file; missing keys take their defaults.

    Raises RecipeSettingsError naming every unknown key and every value out of range.
    """
    problems = _unknown(mapping, RecipeSettings, "")
    disturbance = _disturbance(mapping.get("disturbance", {}), problems)
    kinds = _kinds(mapping.get("reference_kinds", {"same_passage": 1.0}), problems)
    level = _number(mapping.get("level_range_db", 6.0), "level_range_db", 0.0, 24.0, problems)
    previous = _number(mapping.get("previous_version_max_db", 1.5), "previous_version_max_db", 0.0, 6.0, problems)
    register = mapping.get("register", "terse")
    if register not in REGISTERS:
        problems.append(f"register is {register!r}, expected one of {', '.join(REGISTERS)}")
    if problems:
        raise RecipeSettingsError(problems)
    return RecipeSettings(disturbance, kinds, level, previous, cast(Register, register))


def _disturbance(value: object, problems: list[str]) -> DisturbanceSettings:
    if not isinstance(value, Mapping):
        problems.append("disturbance must be a mapping of settings")
        return DisturbanceSettings()
    unknown = _unknown(value, DisturbanceSettings, "disturbance.")
    problems.extend(unknown)
    given: dict[str, Any] = {item.name: value[item.name] for item in fields(DisturbanceSettings) if item.name in value}
    wrong = [name for name, setting in given.items() if not _fits(name, setting)]
    problems.extend(f"disturbance.{name} is {given.pop(name)!r}, expected {_EXPECTED[name]}" for name in wrong)
    for name in _LISTS & given.keys():
        given[name] = tuple(map(float, given[name]))
    if "magnitudes_db" in given:
        given.setdefault("magnitude_weights", (1.0,) * len(given["magnitudes_db"]))
    try:
        return DisturbanceSettings(**given)
    except ValueError as error:
        problems.append(str(error))
    return DisturbanceSettings()


def _fits(name: str, setting: object) -> bool:
    """Whether a setting of the disturbances has the right type; its range is checked with all others."""
    if name in _LISTS:
        return isinstance(setting, list) and all(map(_is_number, setting))
    return _is_number(setting)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kinds(value: object, problems: list[str]) -> tuple[tuple[str, float], ...]:
    if not isinstance(value, Mapping) or not value:
        problems.append("reference_kinds must give a weight for each kind, for example {same_passage: 1}")
        return ()
    unknown = sorted(str(kind) for kind in value if kind not in REFERENCE_KINDS)
    if unknown:
        problems.append(f"reference_kinds has {', '.join(unknown)}, expected some of {', '.join(REFERENCE_KINDS)}")
    weights = {
        kind: _number(value[kind], f"reference_kinds.{kind}", 0.0, math.inf, problems)
        for kind in REFERENCE_KINDS
        if kind in value
    }
    if weights and not sum(weights.values()) > 0.0:
        problems.append("reference_kinds are all zero")
    return tuple((kind, weight) for kind, weight in weights.items() if weight > 0.0)


def _number(value: object, name: str, low: float, high: float, problems: list[str]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high or math.isinf(value):
        problems.append(f"{name} is {value!r}, expected a number from {low:g} to {high:g}")
        return low
    return float(value)


def _unknown(mapping: Mapping[str, Any], settings: type, prefix: str) -> list[str]:
    known = {item.name for item in fields(settings)}
    return [
        f"unknown key {prefix}{key}, expected some of {', '.join(sorted(known))}"
        for key in sorted(str(key) for key in mapping)
        if key not in known
    ]
