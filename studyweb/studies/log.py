"""The study's own log, and the refusal that every service of a study uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from studyweb.studies.models import Study, StudyLog


class StudyRefusedError(ValueError):
    """What was asked of a study cannot be done; `reasons` lists every reason, and nothing was changed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = tuple(reasons)


def log_action(study: Study, *, actor: str, action: str, detail: dict[str, Any] | None = None) -> StudyLog:
    """Append a line to the study's log: who did what."""
    return StudyLog.objects.create(study=study, actor=actor, action=action, detail=detail or {})


def require_state(study: Study, state: str, *, to: str) -> None:
    """Raise StudyRefusedError unless the study is in this state."""
    if study.state != state:
        raise StudyRefusedError([f"the study is {study.state}; to {to} it, it has to be {state}"])
