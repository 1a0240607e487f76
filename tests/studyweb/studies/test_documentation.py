"""The guide to the study file names every key there is, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from datagen.sources import LAYOUTS
from studyweb.studies.stems_study import demo_file
from studyweb.studies.study_file import load_schema

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "study-file.md"


def keys_of(schema: dict[str, Any]) -> Iterator[str]:
    """Every key that the schema knows, at any depth."""
    for key, inner in schema.get("properties", {}).items():
        yield key
        yield from keys_of(inner)
    if isinstance(schema.get("items"), dict):
        yield from keys_of(schema["items"])
    for definition in schema.get("$defs", {}).values():
        yield from keys_of(definition)


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(load_schema())


def test_the_schema_offers_every_source_there_is() -> None:
    assert load_schema()["properties"]["excerpts"]["properties"]["source"]["enum"] == [
        "procedural",
        *LAYOUTS,
        "recognise",
    ]


def test_every_key_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [key for key in keys_of(load_schema()) if f"`{key}`" not in text and f"{{{key}:" not in text] == []


def test_every_choice_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    choices = set(re.findall(r'"enum": \[([^\]]+)\]', str(load_schema()).replace("'", '"')))
    words = {word.strip().strip('"') for choice in choices for word in choice.split(",")}
    missing = sorted(word for word in words if not re.search(rf"\b{re.escape(word)}\b", text))
    assert missing == []


def test_the_demo_names_no_system_in_what_participants_read() -> None:
    import yaml

    plan = yaml.safe_load(demo_file("demo"))
    shown = " ".join([plan["title"], *plan["texts"].values(), *(consent["text"] for consent in plan["consents"])])
    assert not re.search(r"differential|baseline|oracle|sabotage|stems_ref", shown, re.IGNORECASE)
