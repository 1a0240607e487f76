"""What the commands share: files they are given, and studies by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from studyweb.studies.advices import DeliveredAdvice
from studyweb.studies.models import Item, Study

LARGEST_BYTES = 10_000_000


class AdviceFileError(ValueError):
    """A file of advice that cannot be read; the message names every line."""


def read_text_file(path: Path) -> str:
    """The text of a UTF-8 file. Raises CommandError when it is not there, too large, or something else than text."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise CommandError(f"{path} has more than {LARGEST_BYTES} bytes")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8 text (byte {error.start})") from error


def study_by_slug(slug: str) -> Study:
    """The study. Raises CommandError naming those there are."""
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.values_list("slug", flat=True)[:10])
        raise CommandError(f"there is no study {slug!r}; there are: {known or 'none'}")
    return study


def read_advice_file(text: str, study: Study, *, is_json: bool) -> list[DeliveredAdvice]:
    """Rows of a CSV file with a header, or of JSON lines: `item`, or `track` with `start_s`; and `text`.

    Raises AdviceFileError naming every line that cannot be read.
    """
    items = {item.public_id: item for item in study.items.select_related("track")}
    delivered, problems = [], []
    for line, row in _json_rows(text) if is_json else _csv_rows(text):
        try:
            delivered.append(_delivered(row, items, line))
        except ValueError as error:
            problems.append(f"line {line}: {error}")
    if problems:
        raise AdviceFileError("\n".join(problems))
    return delivered


Row = Mapping[str, Any] | str
"""A row by column, or what is wrong with it."""


def _csv_rows(text: str) -> Iterator[tuple[int, Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            whole = None not in row and None not in row.values()
            yield reader.line_num, row if whole else "has another number of fields than the header"
    except csv.Error as error:
        yield reader.line_num, f"is not CSV, and nothing after it was read: {error}"


def _json_rows(text: str) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, _json_row(line)


def _json_row(line: str) -> Row:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        return f"is not JSON: {error}"
    return row if isinstance(row, dict) else "must be an object with item and text"


def _delivered(row: Row, items: dict[str, Item], line: int) -> DeliveredAdvice:
    """Raises ValueError saying what is wrong with the row."""
    if isinstance(row, str):
        raise ValueError(row)
    text = row.get("text") or ""
    if not isinstance(text, str):
        raise ValueError(f"text must be text, not {text!r:.40}")
    if "\0" in text:
        raise ValueError("text holds a NUL character")
    return DeliveredAdvice(_item_id(row, items), text, line)


def _item_id(row: Mapping[str, Any], items: dict[str, Item]) -> str:
    if row.get("item"):
        return str(row["item"])
    if not row.get("track") or row.get("start_s") in (None, ""):
        raise ValueError("names no item: give item, or track and start_s")
    start_s = _seconds(row["start_s"])
    found = [
        public_id
        for public_id, item in items.items()
        if item.track.key == row["track"] and abs(item.start_samples / item.track.sample_rate - start_s) < 0.01
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} items are at {start_s:g} s of {row['track']!r}; name the item by its id")
    return found[0]


def _seconds(given: Any) -> float:
    try:
        return float(given)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"start_s must be a number of seconds, not {given!r:.40}") from None
