"""Values as a database stores them, as text: it gives a million of them faster than it makes values of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import CharField, TextField
from django.db.models.functions import Cast

Value = TypeVar("Value")
SQLITE_LENGTH = len("2026-11-25 10:00:00.123456")


def as_key(name: str) -> Cast:
    """A UUID column as text."""
    return Cast(name, CharField(max_length=36))


def as_text(name: str) -> Cast:
    """A column of JSON or of times as text."""
    return Cast(name, TextField())


def by_text(values: Mapping[UUID, Value], keys: Iterable[UUID]) -> dict[str, Value]:
    """{UUID as text: value}; SQLite stores UUIDs without dashes, PostgreSQL shows them with."""
    return {text: values[key] for key in keys for text in (key.hex, str(key))}


def moment_of(text: str | None) -> datetime | None:
    """A stored time; SQLite's are in UTC without saying so."""
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def instant_of(text: str | None) -> str | None:
    """A stored time as ISO 8601 in UTC with microseconds; SQLite's usual form is only respelled."""
    if text is None:
        return None
    if len(text) == SQLITE_LENGTH and text[19] == ".":
        return f"{text[:10]}T{text[11:]}+00:00"
    at = moment_of(text)
    assert at is not None, "a text was given"
    return at.astimezone(UTC).isoformat(timespec="microseconds")
