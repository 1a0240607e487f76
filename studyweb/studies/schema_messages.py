"""A schema's complaints as sentences a researcher can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import ValidationError

from studyweb.studies.problems import KeyPath, Problem, dotted
from studyweb.studies.yaml_lines import Located

TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys",
}


def problems_of(error: ValidationError, located: Located) -> Iterator[Problem]:
    """One problem, or one for each unknown or missing key."""
    path: KeyPath = tuple(error.absolute_path)
    schema: Any = error.schema
    if error.validator == "additionalProperties" and isinstance(error.validator_value, bool):
        known = list(schema.get("properties", {}))
        instance: Any = error.instance
        for key in sorted(set(instance) - set(known)):
            here = (*path, key)
            yield Problem(located.line_of(here), dotted(here), f"unknown key; {_did_you_mean(key, known)}")
    elif error.validator == "required":
        required: Any = error.validator_value
        # jsonschema reports each missing key by itself: only the one its message names.
        key = next(key for key in required if error.message.startswith(repr(key)))
        yield Problem(located.line_of(path), dotted((*path, key)), "is missing")
    else:
        yield Problem(located.line_of(path), dotted(path), _message(error))


def _did_you_mean(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"expected {_listed(sorted(known))}"


def _message(error: ValidationError) -> str:
    value: Any = error.instance
    limit: Any = error.validator_value
    schema: Any = error.schema
    match error.validator:
        case "type":
            return f"must be {TYPES[limit]}, not {_shown(value)}{_hint(value, limit)}"
        case "enum":
            return f"must be {_listed(limit)}, not {_shown(value)}{_near(value, limit)}"
        case "const":
            return f"must be {limit}, not {_shown(value)}"
        case "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum":
            return f"must be {_range(schema)}, not {value}"
        case "minLength" | "maxLength":
            least, most = schema.get("minLength", 0), schema.get("maxLength", "any number of")
            return f"must have {least} to {most} characters, not {len(value)}"
        case "minItems" | "maxItems":
            return f"must have {_counts(schema)} entries, not {len(value)}"
        case "pattern":
            return f"{_shown(value)} does not look right; it must match {limit}"
        case _:
            return str(error.message)


def _range(schema: dict[str, Any]) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"from {low} to {high}"


def _counts(schema: dict[str, Any]) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    return f"exactly {least}" if least == most else f"{least} to {most}" if most else f"at least {least}"


def _hint(value: Any, wanted: str) -> str:
    return " (YAML reads yes, no, on and off as true and false: use quotes)" if _is_word(value, wanted) else ""


def _is_word(value: Any, wanted: str) -> bool:
    return isinstance(value, bool) and wanted == "string"


def _near(value: Any, choices: list[Any]) -> str:
    names = [choice for choice in choices if isinstance(choice, str)]
    near = difflib.get_close_matches(value, names, n=1) if isinstance(value, str) else []
    return f"; did you mean {near[0]}?" if near else ""


def _listed(choices: list[Any]) -> str:
    words = [str(choice) for choice in choices]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}...'"
