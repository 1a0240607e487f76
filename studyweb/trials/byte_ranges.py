"""HTTP byte ranges of one file (RFC 9110, section 14): whole, one range, or unsatisfiable."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", re.IGNORECASE)


class UnsatisfiableRangeError(ValueError):
    """The range asked for lies outside the file."""


@dataclass(frozen=True)
class ByteRange:
    """First and last byte, both included."""

    first: int
    last: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1


def parse_range(header: str, size: int) -> ByteRange | None:
    """The range a Range header asks of a file of `size` bytes, or None where the whole file is to be sent.

    Unknown units, several ranges and malformed headers are ignored, as the RFC allows. Raises UnsatisfiableRangeError.
    """
    found = _RANGE.fullmatch(header)
    if found is None or not any(found.groups()):
        return None
    first_text, last_text = found.groups()
    if not first_text:
        return _suffix(int(last_text), size)
    first = int(first_text)
    if last_text and int(last_text) < first:
        return None
    if first >= size:
        raise UnsatisfiableRangeError(f"bytes from {first} of {size}")
    return ByteRange(first, min(int(last_text), size - 1) if last_text else size - 1)


def _suffix(length: int, size: int) -> ByteRange:
    if length == 0 or size == 0:
        raise UnsatisfiableRangeError(f"the last {length} bytes of {size}")
    return ByteRange(max(0, size - length), size - 1)
