"""Gain changes read back from an advice by the package that writes them; never guessed."""

from __future__ import annotations

from datagen.explanations import read
from datagen.words import mapping_from_changes


def read_changes(advice: str) -> tuple[dict[str, float] | None, str]:
    """({stem: gain_db}, "") when the advice can be acted on, (None, why not) otherwise; {} means nothing to change."""
    if not advice.strip():
        return None, "the model wrote no advice"
    reading = read(advice)
    if reading.changes is None:
        return None, reading.not_actionable
    return mapping_from_changes(reading.changes), ""
