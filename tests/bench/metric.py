"""One measured figure beside its peer, its physical limit and its goal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

Side = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class Goal:
    """A bound on one of a metric's figures."""

    figure: Literal["ours", "ratio_to_peer", "ratio_to_limit"]
    side: Side
    value: float

    def __str__(self) -> str:
        sign = "\N{GREATER-THAN OR EQUAL TO}" if self.side == "at_least" else "\N{LESS-THAN OR EQUAL TO}"
        return f"{self.figure} {sign} {self.value:g}"


@dataclass(frozen=True)
class Metric:
    """One line of a bench. `ours`, `peer` and `limit` share the unit; ratios are ours / peer and ours / limit."""

    bench: str
    metric: str
    unit: str
    ours: float | None
    peer: float | None = None
    peer_name: str | None = None
    limit: float | None = None
    goal: Goal | None = None
    why: str = ""
    """Why something was not measured; required when `ours` is None or the figure settles nothing."""
    ours_best: float | None = None
    """Ours at its fastest; `ours` is the median, and so are peer and limit. For the table only."""
    peer_best: float | None = None
    """The peer at its fastest."""
    settles: bool = True
    """False where less was measured than the goal speaks of; `holds` is null then."""

    def __post_init__(self) -> None:
        if (self.ours is None or not self.settles) and not self.why:
            raise ValueError(f"{self.bench}/{self.metric}: not measured, so say why")
        if (self.peer is None) != (self.peer_name is None):
            raise ValueError(f"{self.bench}/{self.metric}: a peer needs both its figure and its name")

    @property
    def ratio_to_peer(self) -> float | None:
        return _ratio(self.ours, self.peer)

    @property
    def ratio_to_limit(self) -> float | None:
        return _ratio(self.ours, self.limit)

    @property
    def best_ratio_to_peer(self) -> float | None:
        return _ratio(self.ours_best, self.peer_best)

    @property
    def holds(self) -> bool | None:
        """Whether the goal is met; None without a goal, without the figure it is about, or where too little was run."""
        if self.goal is None or not self.settles:
            return None
        figure = getattr(self, self.goal.figure)
        if figure is None:
            return None
        return bool(figure >= self.goal.value if self.goal.side == "at_least" else figure <= self.goal.value)

    def as_json(self) -> str:
        """One object on one line; `why` is there where `holds` is null."""
        row = {
            "bench": self.bench,
            "metric": self.metric,
            "unit": self.unit,
            "ours": self.ours,
            "peer": self.peer,
            "peer_name": self.peer_name,
            "limit": self.limit,
            "ratio_to_peer": self.ratio_to_peer,
            "ratio_to_limit": self.ratio_to_limit,
            "goal": str(self.goal) if self.goal else None,
            "holds": self.holds,
        }
        if self.holds is None:
            row["why"] = self.why or ("no goal is set" if self.goal is None else "its figure was not measured")
        return json.dumps(row, ensure_ascii=False, allow_nan=False)


def _ratio(ours: float | None, other: float | None) -> float | None:
    return None if ours is None or not other else ours / other
