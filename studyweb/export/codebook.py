"""The code book: every table and column in words, for people (Markdown) and for programs (JSON)."""

from __future__ import annotations

from typing import Any

from studyweb.export.columns import Column, columns_of, tables_of


def codebook_markdown(*, title: str, masked: bool) -> str:
    """The code book as Markdown, one table per exported file."""
    lines = [f"# Code book: {title}", ""]
    if masked:
        lines += ["Arms are masked: no table names a system until the study is unblinded.", ""]
    for table in tables_of(masked=masked):
        lines += [f"## {table}.csv", "", "| column | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{column.name}` | {column.type} | {column.meaning} |" for column in columns_of(table, masked=masked)
        ]
        lines.append("")
    return "\n".join(lines)


def codebook_json(*, masked: bool) -> dict[str, Any]:
    """The code book as data: {table: [{name, type, meaning}]}."""
    return {
        table: [_entry(column) for column in columns_of(table, masked=masked)] for table in tables_of(masked=masked)
    }


def _entry(column: Column) -> dict[str, str]:
    return {"name": column.name, "type": column.type, "meaning": column.meaning}
