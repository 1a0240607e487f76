"""Cells that every reader opens alike: no formulas, no stray line breaks, numbers left alone."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from studyweb.export.chunks import Block, Chunk, chunks_of
from studyweb.export.columns import Column, ColumnType

GUARD = "'"
GUARDED_STARTS = ("=", "+", "-", "@", "\t", GUARD)
"""What a spreadsheet would run, and the guard itself, so that taking one guard away gives the text back."""
LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
QUOTED = re.compile('[",\n]')
TEXTS = frozenset({str, type(None)})
PLAIN = (string.ascii_letters + string.digits + "_.").encode()
"""Letters of which no text can be a formula or end a field."""
LINE_END = "\r\n"
JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def cell(value: Any) -> str:
    """One value as text; None is empty, times are ISO 8601 in UTC, no text can become a formula."""
    make = TEXT_OF.get(type(value))
    if make is not None:
        return make(value)
    return guarded(as_json(value)) if isinstance(value, Mapping | list) else str(value)


def as_json(value: Any) -> str:
    """Structured values as JSON, the same for the same value."""
    return JSON.encode(value)


def guarded(text: str) -> str:
    """Text without NUL, with plain line breaks, and with an apostrophe before what a spreadsheet would run.

    Source of the rule: OWASP, CSV Injection. Numbers do not pass through here, so negative ones stay numbers.
    """
    text = plain(text)
    return f"{GUARD}{text}" if text.startswith(GUARDED_STARTS) else text


def plain(text: str) -> str:
    """Text without NUL and with plain line breaks."""
    return text if text.isprintable() else LINE_BREAKS.sub("\n", text.replace("\x00", ""))


def unguarded(text: str) -> str:
    """The inverse of `guarded`, for texts without NUL and with plain line breaks."""
    return text.removeprefix(GUARD)


def _in_utc(value: datetime) -> datetime:
    return value if value.tzinfo is UTC else value.astimezone(UTC)


TEXT_OF: Mapping[type, Callable[[Any], str]] = {
    str: guarded,
    type(None): lambda _value: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: lambda value: repr(round(value, 6)),
    datetime: lambda value: _in_utc(value).isoformat(timespec="milliseconds"),
}
"""By the value's exact type: a million rows ask for it."""


def field(value: Any) -> str:
    """One value as a field of a CSV line, quoted where RFC 4180 asks for it."""
    if value is None or (type(value) is str and value.isalnum()):
        return value or ""  # most cells: nothing in them can be a formula or end a field
    text = cell(value)
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) else text


def csv_header(columns: Sequence[Column]) -> str:
    """The first line: RFC 4180, no byte-order mark."""
    return ",".join(column.name for column in columns) + LINE_END


def csv_text(columns: Sequence[Column], chunk: Chunk) -> str:
    """A chunk's rows as CSV lines, without the header; every block is made text once."""
    parts = [_lines_of(block, columns) for block in chunk.blocks]
    parts = [part for part in parts if part]
    lines = map(",".join, zip(*parts, strict=True))
    return LINE_END.join([*lines, ""])


def _lines_of(block: Block, columns: Sequence[Column]) -> list[str]:
    """For each row the part of its line that these columns make; empty without any of them."""
    values = dict(zip(block.names, zip(*block.rows, strict=True), strict=True))
    fields = [_fields(values[column.key], column.type) for column in columns if column.key in values]
    if not fields:
        return []
    parts = fields[0] if len(fields) == 1 else list(map(",".join, zip(*fields, strict=True)))
    return parts if block.index is None else list(map(parts.__getitem__, block.index))


def _fields(values: Sequence[Any], kind: ColumnType) -> list[str]:
    """`field` of a column's values; what most columns of the kind hold without the call, of other texts each once."""
    if kind == "integer":
        return [str(value) if type(value) is int else "" if value is None else field(value) for value in values]
    if kind == "number":
        return [repr(round(value, 6)) if type(value) is float else field(value) for value in values]
    if kind == "datetime":
        return [f"{value[:23]}+00:00" if type(value) is str else field(value) for value in values]
    if TEXTS.issuperset(map(type, values)) and not "".join(filter(None, values)).encode().translate(None, PLAIN):
        return [value or "" for value in values]
    texts = {text: field(text) for text in {value for value in values if type(value) is str}}
    return [texts[value] if type(value) is str else field(value) for value in values]


def csv_lines(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Header and rows as CSV, streamed a line at a time."""
    return csv_chunks(columns, chunks_of(rows, size=1))


def csv_chunks(columns: Sequence[Column], chunks: Iterable[Chunk]) -> Iterator[str]:
    """Header and rows as CSV, streamed a chunk at a time."""
    yield csv_header(columns)
    for chunk in chunks:
        yield csv_text(columns, chunk)
