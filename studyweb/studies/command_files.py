"""What the commands share: files they are given, and studies by name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

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
    try:
        for line, row in _json_rows(text) if is_json else _csv_rows(text):
            try:
                delivered.append(DeliveredAdvice(_item_id(row, items), str(row.get("text") or ""), line))
            except ValueError as error:
                problems.append(f"line {line}: {error}")
    except (csv.Error, json.JSONDecodeError) as error:
        problems.append(f"the file cannot be read: {error}")
    if problems:
        raise AdviceFileError("\n".join(problems))
    return delivered


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    for row in reader:
        if None in row or None in row.values():
            raise AdviceFileError(f"line {reader.line_num}: has another number of fields than the header")
        yield reader.line_num, row


def _json_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        row = json.loads(line)
        if not isinstance(row, dict):
            raise AdviceFileError(f"line {number}: must be an object with item and text")
        yield number, row


def _item_id(row: dict[str, str], items: dict[str, Item]) -> str:
    if row.get("item"):
        return str(row["item"])
    if not row.get("track") or row.get("start_s") in (None, ""):
        raise ValueError("names no item: give item, or track and start_s")
    start_s = float(row["start_s"])
    found = [
        public_id
        for public_id, item in items.items()
        if item.track.key == row["track"] and abs(item.start_samples / item.track.sample_rate - start_s) < 0.01
    ]
    if len(found) != 1:
        raise ValueError(f"{len(found)} items are at {start_s:g} s of {row['track']!r}; name the item by its id")
    return found[0]
