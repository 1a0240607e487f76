"""Ids that exports make themselves."""

from __future__ import annotations


def track_id(pk: int) -> str:
    """A track's id in exports: a code that no reader takes for a number."""
    return f"track-{pk:04d}"
