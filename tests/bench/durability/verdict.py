"""What the sessions saw against what the database holds: lost, doubled, stuck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Report = dict[str, Any]
"""What `sessions.mjs` prints for one session."""


@dataclass(frozen=True)
class Row:
    """One stored answer."""

    client_uuid: str
    trial: str
    step: str
    revision: int
    value: str


@dataclass
class Verdict:
    """Counts that must all be zero, with a line for each case."""

    sessions: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    """Acknowledged on the page, not in the database as given, or gone from a browser's disk without having arrived."""
    early: list[str] = field(default_factory=list)
    """Acknowledged on the page before any receipt had come."""
    doubled: list[str] = field(default_factory=list)
    """Rows that nobody handed in, or more than one row for an answer."""
    stuck: list[str] = field(default_factory=list)
    """Sessions without an end, and answers left in an outbox."""

    @property
    def faults(self) -> dict[str, list[str]]:
        return {"lost": self.lost, "early": self.early, "doubled": self.doubled, "stuck": self.stuck}


def judge(reports: Sequence[Report], rows: Iterable[Row]) -> Verdict:
    """Compare every session with the rows of all."""
    stored = {row.client_uuid: row for row in rows}
    places = {(row.trial, row.step) for row in stored.values()}
    verdict = Verdict(sessions=len(reports))
    for report in reports:
        _judge_session(report, stored, places, verdict)
    handed = {answer["client_uuid"] for report in reports for answer in report["handed"]}
    verdict.doubled += [f"nobody handed in {row}" for row in stored.values() if row.client_uuid not in handed]
    return verdict


def _judge_session(report: Report, stored: dict[str, Row], places: set[tuple[str, str]], verdict: Verdict) -> None:
    who = f"session {report['number']} ({', '.join(report['faults'])})"
    handed = {answer["client_uuid"]: answer for answer in report["handed"]}
    verdict.acknowledged += len(report["acknowledged"])
    for uuid in report["acknowledged"]:
        if stored.get(uuid) != _as_row(handed[uuid]):
            verdict.lost.append(f"{who}: {handed[uuid]['step']} was acknowledged, stored is {stored.get(uuid)}")
    for answer in handed.values():
        is_gone = answer["kept"] and (answer["trial"], answer["step"]) not in places
        if is_gone and answer["client_uuid"] not in report["acknowledged"] and not report["stuck"]:
            verdict.lost.append(f"{who}: {answer['step']} was kept in the browser and never arrived")
    verdict.early += [f"{who}: {handed[uuid]['step']}" for uuid in report["unreceipted"]]
    verdict.stuck += [f"{who}: {what}" for what in _stuck(report)]


def _stuck(report: Report) -> list[str]:
    left = f"{report['left']} entries left in the outbox" if report["left"] else ""
    stranger = "" if report["stranger"] else "another person's entry is gone"
    return [what for what in (report["stuck"], left, stranger) if what]


def _as_row(answer: dict[str, Any]) -> Row:
    return Row(answer["client_uuid"], answer["trial"], answer["step"], answer["revision"], answer["value"])
