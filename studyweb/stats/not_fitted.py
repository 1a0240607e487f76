"""What a model that cannot be fitted returns: the reason, in words for the results page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NotFitted:
    """No model, and why."""

    reason: str
