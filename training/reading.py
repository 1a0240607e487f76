"""Gain changes read back from an advice by the package that writes them; never guessed."""

from __future__ import annotations

from collections.abc import Sequence

from datagen.explanations import read
from datagen.words import STEMS, mapping_from_changes


def read_changes(advice: str, stems: Sequence[str] = STEMS) -> tuple[dict[str, float] | None, str]:
    """({stem: gain_db}, "") when the advice can be acted on, (None, why not) otherwise; {} means nothing to change."""
    if not advice.strip():
        return None, "the model wrote no advice"
    reading = read(advice, stems)
    if reading.changes is None:
        return None, reading.not_actionable
    return mapping_from_changes(reading.changes), ""
