"""What was measured in an excerpt, as far as a text may give reasons with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Masking:
    """One stem covers another in a band, as measured."""

    masker: str
    masked: str
    low_hz: float
    high_hz: float


@dataclass(frozen=True)
class ExplanationFacts:
    """Measured facts of the problem set, as it is heard before any advice is applied."""

    ratio_lu: Mapping[str, float] = field(default_factory=dict)
    """{stem: its loudness minus the loudness of all other stems together, LU}; audible stems only."""
    masking: tuple[Masking, ...] = ()
    """Which stem covers which, strongest first."""
    section: str = ""
    """For example `chorus`; empty when unknown."""
    lead: str = ""
    """The stem that should lead; empty when unknown."""
