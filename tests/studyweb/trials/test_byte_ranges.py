"""Byte ranges by RFC 9110."""

from __future__ import annotations

import pytest

from studyweb.trials.byte_ranges import ByteRange, UnsatisfiableRangeError, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", ByteRange(0, 9)),
        ("bytes=0-", ByteRange(0, 99)),
        ("bytes=90-400", ByteRange(90, 99)),
        ("bytes=-10", ByteRange(90, 99)),
        ("bytes=-400", ByteRange(0, 99)),
        ("Bytes = 5 - 5", ByteRange(5, 5)),
        ("", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-1,5-6", None),
        ("seconds=0-1", None),
        (f"bytes={'9' * 5000}-", None),
        ("bytes=٣-", None),
    ],
)
def test_one_range_is_read_and_anything_odd_means_the_whole_file(header: str, expected: ByteRange | None) -> None:
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_outside_the_file_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, 100)
