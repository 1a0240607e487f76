"""What other tools read first: the Frictionless data package and the Psych-DS description of an export.

Sources: Data Package and Table Schema, version 1 (specs.frictionlessdata.io), and Psych-DS (psych-ds.github.io).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studyweb.export.columns import Column, Profile, columns_of, tables_of

FIELD_TYPES: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "code": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    "datetime": {"type": "datetime", "format": "any"},
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "participants": ("participant_id",),
    "tracks": ("track_id",),
    "items": ("item_id",),
    "systems": ("system",),
    "advices": ("advice_id",),
    "codings": ("advice_id", "coder"),
    "trials": ("trial_id",),
    "answers": ("trial_id", "step"),
    "revisions": ("trial_id", "step", "revision"),
}
"""What tells a table's rows apart."""
REFERENCES = {"participant_id": "participants", "track_id": "tracks", "item_id": "items", "trial_id": "trials"}
"""{column: the table whose key it is}."""
ARM_REFERENCES = {"advice_id": "advices", "advice_a": "advices", "advice_b": "advices", "system": "systems"}


def table_path(table: str) -> str:
    """Where a table's CSV is in an archive: the name that Psych-DS asks for."""
    return f"data/table-{table}_data.csv"


def data_package(*, slug: str, title: str, masked: bool, profile: Profile) -> dict[str, Any]:
    """datapackage.json: every table with its schema, keys and references."""
    tables = tables_of(masked=masked)
    return {
        "profile": "tabular-data-package",
        "name": f"{slug}-{profile}",
        "title": title,
        "resources": [_resource(table, columns_of(table, masked=masked, profile=profile), tables) for table in tables],
    }


def _resource(table: str, columns: tuple[Column, ...], tables: tuple[str, ...]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table,
        "path": table_path(table),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": _schema(table, columns, tables),
    }


def _schema(table: str, columns: tuple[Column, ...], tables: tuple[str, ...]) -> dict[str, Any]:
    key = KEYS.get(table, ())
    schema: dict[str, Any] = {"fields": [_field(column, key) for column in columns], "missingValues": [""]}
    if key:
        schema["primaryKey"] = list(key)
    names = {column.name for column in columns}
    references = [
        {"fields": name, "reference": {"resource": other, "fields": KEYS[other][0]}}
        for name, other in (REFERENCES | ARM_REFERENCES).items()
        if name in names and other in tables and other != table
    ]
    return {**schema, "foreignKeys": references} if references else schema


def _field(column: Column, key: tuple[str, ...]) -> dict[str, Any]:
    field = {"name": column.name, **FIELD_TYPES[column.type], "description": column.meaning}
    return {**field, "constraints": {"required": True}} if column.name in key else field


def dataset_description(*, title: str, masked: bool, profile: Profile) -> dict[str, Any]:
    """dataset_description.json: what Psych-DS asks for, every column of every table among its variables."""
    meanings: dict[str, list[str]] = {}
    for table in tables_of(masked=masked):
        for column in columns_of(table, masked=masked, profile=profile):
            meanings.setdefault(column.name, []).append(f"{table}: {column.meaning}")
    return {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": title,
        "description": f"Answers of a blinded listening study of mixing advice, a table an entity ({profile} profile).",
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": " ".join(said)} for name, said in meanings.items()
        ],
    }
