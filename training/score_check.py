"""Whether scores measured again are those that were kept: the same machine exactly, another one nearly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from training.metrics import DECIBELS
from training.score_rows import Row
from training.weights import WeightsError

SHARE_TOLERANCE = 0.005
"""Half a point; in a cell of fewer than 200 answers, one answer."""
DB_TOLERANCE = 0.02
_ROUNDING = 2e-6
"""Kept figures have six decimals."""


@dataclass(frozen=True)
class Difference:
    """A cell that is not what it was."""

    where: str
    kept: float | None
    measured: float | None

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.where}: kept {_shown(self.kept)}, measured {_shown(self.measured)}"


def differences(kept: Mapping[str, Any], measured: Mapping[str, Any]) -> list[Difference]:
    """The cells that differ by more than the tolerance, for the conditions that were measured.

    Raises WeightsError when the two are not of the same weights and items, so that nothing can be compared.
    """
    _require_comparable(kept, measured)
    kept_rows = dict(_rows(kept))
    found = []
    for where, row in _rows(measured):
        if where not in kept_rows:
            found.append(Difference(f"{where} (a row that was not kept)", None, row["scores"]["found"]["value"]))
            continue
        for name, cell in _cells(row):
            before = dict(_cells(kept_rows[where])).get(name)
            if before is None or not _alike(name, before, cell):
                found.append(Difference(f"{where}, {name}", None if before is None else before["value"], cell["value"]))
    return found


def are_exact(kept: Mapping[str, Any], measured: Mapping[str, Any]) -> bool:
    """Whether every measured row is the kept one to the last kept digit, intervals and curves included."""
    kept_rows = dict(_rows(kept))
    return all(kept_rows.get(where) == row for where, row in _rows(measured))


def _require_comparable(kept: Mapping[str, Any], measured: Mapping[str, Any]) -> None:
    same = ("split", "songs", "items_per_song", "seed", "task", "generator_version", "prompt_version")
    other = [name for name in same if kept[name] != measured[name]]
    other += [
        f"weights of {name}" for name, digest in measured["weights"].items() if kept["weights"].get(name) != digest
    ]
    if other:
        raise WeightsError(f"the kept scores are not of these weights and items: {', '.join(other)} differ")


def _rows(scores: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    for row in scores["rows"]:
        yield row["condition"], row
    for spread in scores["spreads"]:
        for row in spread["rows"]:
            yield f"{row['condition']} at {spread['spread_db']:g} dB", row


def _cells(row: Row) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from row["scores"].items()
    for table in ("found_by_size", "found_by_stem", "false_alarms_by_stem"):
        for name, cell in row[table].items():
            yield f"{table} {name}", cell


def _alike(name: str, kept: Mapping[str, Any], measured: Mapping[str, Any]) -> bool:
    first, second = kept["value"], measured["value"]
    if first is None or second is None:
        return first is second
    tolerance = DB_TOLERANCE if name in DECIBELS else max(SHARE_TOLERANCE, 1.0 / measured["count"])
    return bool(abs(first - second) <= tolerance + _ROUNDING)


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4f}"
