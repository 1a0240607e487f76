"""The code book: every table and column in words, for people (Markdown) and for programs (JSON, CSV)."""

from __future__ import annotations

from typing import Any

from studyweb.export.columns import Column, Profile, columns_of, tables_of
from studyweb.export.csv_text import csv_lines

CODEBOOK_COLUMNS = (
    Column("table", "code", "The table: data/table-NAME_data.csv and parquet/NAME.parquet."),
    Column("column", "code", "The column's name."),
    Column("type", "code", "text, code, integer, number, boolean or datetime."),
    Column("meaning", "text", "What it holds."),
)


def codebook_markdown(*, title: str, masked: bool, profile: Profile = "project") -> str:
    """The code book as Markdown, one table per exported file."""
    lines = [f"# Code book: {title}", ""]
    if masked:
        lines += ["Arms are masked: no table names a system until the study is unblinded.", ""]
    for table in tables_of(masked=masked):
        lines += [f"## {table}", "", "| column | type | meaning |", "|---|---|---|"]
        columns = columns_of(table, masked=masked, profile=profile)
        lines += [f"| `{column.name}` | {column.type} | {column.meaning} |" for column in columns]
        lines.append("")
    return "\n".join(lines)


def codebook_json(*, masked: bool, profile: Profile = "project") -> dict[str, Any]:
    """The code book as data: {table: [{name, type, meaning}]}."""
    return {
        table: [{"name": column.name, "type": column.type, "meaning": column.meaning} for column in columns]
        for table, columns in _described(masked=masked, profile=profile)
    }


def codebook_csv(*, masked: bool, profile: Profile = "project") -> str:
    """The code book as one table: table, column, type, meaning."""
    rows = (
        {"table": table, "column": column.name, "type": column.type, "meaning": column.meaning}
        for table, columns in _described(masked=masked, profile=profile)
        for column in columns
    )
    return "".join(csv_lines(CODEBOOK_COLUMNS, rows))


def _described(*, masked: bool, profile: Profile = "project") -> list[tuple[str, tuple[Column, ...]]]:
    return [(table, columns_of(table, masked=masked, profile=profile)) for table in tables_of(masked=masked)]
