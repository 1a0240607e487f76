"""Cells that every reader opens alike: no formulas, no stray line breaks, numbers left alone."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from studyweb.export.columns import Column

GUARD = "'"
GUARDED_STARTS = ("=", "+", "-", "@", "\t", GUARD)
"""What a spreadsheet would run, and the guard itself, so that taking one guard away gives the text back."""
LINE_BREAKS = ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029")


def cell(value: Any) -> str:
    """One value as CSV text; None is empty, times are ISO 8601 in UTC, no text can become a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    if isinstance(value, float):
        return repr(round(value, 6))
    if isinstance(value, Mapping | list):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return guarded(value) if isinstance(value, str) else str(value)


def guarded(text: str) -> str:
    """Text without NUL, with plain line breaks, and with an apostrophe before what a spreadsheet would run.

    Source of the rule: OWASP, CSV Injection. Numbers do not pass through here, so negative ones stay numbers.
    """
    text = text.replace("\x00", "")
    for line_break in LINE_BREAKS:
        text = text.replace(line_break, "\n")
    return f"{GUARD}{text}" if text.startswith(GUARDED_STARTS) else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`, for texts without NUL and with plain line breaks."""
    return text.removeprefix(GUARD)


class _Line:
    """A file that gives back what was written, so that csv can stream."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Header and rows as CSV lines (RFC 4180, UTF-8, no byte-order mark), streamed."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield str(writer.writerow([column.name for column in columns]))
    for row in rows:
        yield str(writer.writerow([cell(row[column.name]) for column in columns]))
