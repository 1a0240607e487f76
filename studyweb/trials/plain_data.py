"""Making what a browser sends safe to store: no control characters, no odd numbers, nothing endless."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

MAX_TEXT = 4000
MAX_NESTING = 4
MAX_ENTRIES = 100
MAX_SHORT_TEXT = 500
LARGEST = 1e12


def clean_text(text: str, *, limit: int = MAX_TEXT) -> str:
    """The text as it can be stored everywhere: line breaks as \\n, no control characters, no lone surrogates.

    Nothing else is taken away or changed: markup and formulas stay letter by letter, and are escaped where shown.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(filter(_is_storable, text)).strip()[:limit]


def _is_storable(character: str) -> bool:
    """Neither a control character (line break and tab apart) nor half a surrogate pair."""
    return character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}


def clean_data(value: Any, *, depth: int = 0) -> Any:
    """Plain JSON data of bounded size that every database gives back as it got it.

    Numbers are rounded to 3 decimals, and what is no finite number becomes null; deeper nesting than MAX_NESTING too.
    """
    match value:
        case None | bool():
            return value
        case int() | float():
            return _clean_number(value)
        case str():
            return clean_text(value, limit=MAX_SHORT_TEXT)
        case list() if depth < MAX_NESTING:
            return [clean_data(entry, depth=depth + 1) for entry in value[:MAX_ENTRIES]]
        case Mapping() if depth < MAX_NESTING:
            entries = list(value.items())[:MAX_ENTRIES]
            return {clean_text(str(key), limit=60): clean_data(entry, depth=depth + 1) for key, entry in entries}
        case _:
            return None


def _clean_number(value: float) -> float | None:
    """Minus zero and large exponents do not survive every JSON column."""
    if not abs(value) <= LARGEST:  # neither is NaN; math.isfinite fails on whole numbers of 400 digits
        return None
    return value if isinstance(value, int) else round(value, 3) + 0.0
