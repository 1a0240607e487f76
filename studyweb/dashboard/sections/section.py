"""The one shape of everything that a report says: a sentence, the table under it, and where it helps a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from studyweb.dashboard.figures.shapes import Figure
from studyweb.dashboard.pair_trials import PairTrial
from studyweb.stats.clusters import Estimand
from studyweb.studies.models import Study, System


@dataclass(frozen=True)
class PairData:
    """All that a section may read about one pair of systems."""

    study: Study
    first: System
    second: System
    trials: Sequence[PairTrial]
    """Every completed scored trial, those of excluded participants too."""
    kept: Sequence[PairTrial]
    """Without participants whom a declared rule leaves out."""
    estimand: Estimand
    level: float


@dataclass(frozen=True)
class Section:
    """One finding, the same on the page, in the PDF and in the paragraphs."""

    key: str
    title: str
    sentence: str
    """In plain words, with estimate, interval and counts; or why there is none."""
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figure: Figure | None = None
    notes: tuple[str, ...] = ()
    """Settings, formulas' sources and warnings, a line each."""
    numbers: dict[str, float] = field(default_factory=dict)
    """The numbers by name, for the export's report and for tests."""
