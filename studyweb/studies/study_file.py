"""Reading a study file: YAML with line numbers, checked against the published schema, defaults filled in."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from studyweb.studies.problems import KeyPath, Problem, StudyFileError, dotted
from studyweb.studies.schema_messages import problems_of
from studyweb.studies.yaml_lines import Located, read_yaml

SCHEMA_PATH = Path(__file__).with_name("study_file.schema.json")


@dataclass(frozen=True)
class StudyFile:
    """A study file that fits the schema: as written, and as the plan everything else works with."""

    text: str
    sha256: str
    plan: dict[str, Any]
    """The file's content with every default filled in."""
    located: Located

    def line_of(self, path: KeyPath) -> int:
        """The line where something is written."""
        return self.located.line_of(path)

    def problem(self, path: KeyPath, message: str, *, is_warning: bool = False) -> Problem:
        """A problem of this file at a path, with its line."""
        return Problem(self.line_of(path), dotted(path), message, is_warning)


def read_study_file(text: str) -> StudyFile:
    """The study file in `text`. Raises StudyFileError with every problem found, in the order of the file."""
    located = read_yaml(text)
    problems = list(located.problems)
    schema = load_schema()
    for error in Draft202012Validator(schema).iter_errors(located.value):
        problems.extend(problem for problem in problems_of(error, located) if problem not in problems)
    if problems:
        raise StudyFileError(problems)
    plan = with_defaults(located.value, schema, schema["$defs"])
    for system in plan["systems"]:
        system.setdefault("label", system["key"])
    return StudyFile(text, sha256_of_text(text), plan, located)


def sha256_of_text(text: str) -> str:
    """The hash by which a study file or an advice text is known."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def load_schema() -> dict[str, Any]:
    """The published JSON Schema."""
    schema: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return schema


def with_defaults(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """A copy of valid data with the schema's defaults where a key is left out."""
    schema = _resolved(schema, definitions)
    if isinstance(value, list):
        return [with_defaults(entry, schema.get("items", {}), definitions) for entry in value]
    if not isinstance(value, dict):
        return value
    filled = {}
    for key, inner in schema.get("properties", {}).items():
        inner = _resolved(inner, definitions)
        if key in value or "default" in inner:
            filled[key] = with_defaults(value.get(key, copy.deepcopy(inner.get("default"))), inner, definitions)
    return {**filled, **{key: entry for key, entry in value.items() if key not in filled}}


def _resolved(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    resolved: Mapping[str, Any] = definitions[reference.rsplit("/", 1)[1]] if reference else schema
    return resolved
