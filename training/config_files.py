"""Dataclasses from YAML files: every unknown, missing or wrong entry is found, not only the first."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import yaml


class RunConfigError(ValueError):
    """A configuration that cannot be run; the message lists every problem."""


def read_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises RunConfigError."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RunConfigError(f"{path} cannot be read: {error}") from error


def build(expected: Any, data: Any) -> tuple[Any, list[str]]:
    """The dataclass that plain data stands for, and everything that is wrong with the data; with problems, the first
    may be incomplete."""
    problems: list[str] = []
    return _build(expected, data, "", problems), problems


def _build(expected: Any, value: Any, where: str, problems: list[str]) -> Any:
    if is_dataclass(expected):
        return _build_dataclass(expected, value, where, problems)
    origin, arguments = get_origin(expected), get_args(expected)
    if origin is Literal:
        return _checked(value, value in arguments, where, f"expected {' or '.join(map(repr, arguments))}", problems)
    if origin is tuple:
        if not isinstance(value, list):
            return _checked(value, False, where, "expected a list", problems)
        return tuple(_build(arguments[0], entry, f"{where}[{k}]", problems) for k, entry in enumerate(value))
    if origin is dict:
        if not isinstance(value, Mapping):
            return _checked(value, False, where, "expected names with values", problems)
        return {key: _build(arguments[1], entry, f"{where}.{key}", problems) for key, entry in value.items()}
    if origin in (Union, types.UnionType):
        raise TypeError(f"{where}: unions are not used in configurations")
    number = expected is float and isinstance(value, (int, float)) and not isinstance(value, bool)
    right = number or (isinstance(value, expected) and not (expected is int and isinstance(value, bool)))
    return _checked(float(value) if number else value, right, where, f"expected {expected.__name__}", problems)


def _checked(value: Any, right: bool, where: str, expected: str, problems: list[str]) -> Any:
    if not right:
        problems.append(f"{where or 'the file'} is {value!r}, {expected}")
    return value


def _build_dataclass(expected: Any, value: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(value, Mapping):
        return _checked(value, False, where, "expected names with values", problems)
    hints = get_type_hints(expected)
    known = {entry.name: entry for entry in fields(expected)}
    dot = f"{where}." if where else ""
    problems.extend(f"{dot}{key} is unknown; expected some of {', '.join(known)}" for key in value if key not in known)
    needed = [n for n, e in known.items() if e.default is MISSING and e.default_factory is MISSING]
    missing = [name for name in needed if name not in value]
    problems.extend(f"{dot}{name} is missing" for name in missing)
    given = {k: _build(hints[k], v, f"{dot}{k}", problems) for k, v in value.items() if k in known}
    return None if missing else expected(**given)
