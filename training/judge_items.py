"""What a judge is asked about: an item's measured facts and the advices on it, as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class JudgeItemsError(ValueError):
    """A file of items that cannot be judged; the message names every line."""


@dataclass(frozen=True)
class JudgedAdvice:
    """One advice, nameless: nothing tells its system."""

    advice_id: str
    text: str
    changes_db: dict[str, float] | None
    """Gain changes read from the text; None where none can be read."""


@dataclass(frozen=True)
class JudgeItem:
    """One item with two or more advices."""

    item_id: str
    track_id: str
    brief: str
    correction_db: dict[str, float]
    """The label: gain changes that undo the disturbance; empty for a clean item."""
    stems: tuple[str, ...]
    """The stems that can be heard; what an advice does to others changes nothing."""
    advices: tuple[JudgedAdvice, ...]
    levels: dict[str, Any] = field(default_factory=dict)
    """Measured loudness and shares of the stems."""
    audio: str = ""
    """WAV file of the problem, relative to the folder that is named; empty: none."""


def read_items(path: Path) -> list[JudgeItem]:
    """The items of a JSON Lines file. Raises JudgeItemsError naming every line that is wrong."""
    items, problems = [], []
    for number, line in _lines(path):
        try:
            items.append(_item(json.loads(line)))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            missing = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            problems.append(f"{path}, line {number}: {missing}")
    names = [item.item_id for item in items]
    problems += [f"{path}: item {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if not items and not problems:
        problems.append(f"{path} holds no item")
    if problems:
        raise JudgeItemsError("\n".join(problems))
    return items


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise JudgeItemsError(f"{path} is not UTF-8 text (byte {error.start})") from error
    return ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())


def _item(row: Any) -> JudgeItem:
    if not isinstance(row, dict):
        raise ValueError("must be an object")
    advices = tuple(_advice(entry) for entry in row["advices"])
    if len({advice.advice_id for advice in advices}) < 2 or len({a.advice_id for a in advices}) < len(advices):
        raise ValueError("needs two or more advices, each with its own advice_id")
    item = JudgeItem(
        item_id=_text(row, "item_id"),
        track_id=_text(row, "track_id"),
        brief=str(row.get("brief", "")),
        correction_db=_gains(row["correction_db"]),
        stems=tuple(str(stem) for stem in row["stems"]),
        advices=advices,
        levels=dict(row.get("levels") or {}),
        audio=str(row.get("audio", "")),
    )
    unknown = sorted({stem for gains in _all_gains(item) for stem in gains} - set(item.stems))
    if not item.stems or (unknown and set(item.correction_db) - set(item.stems)):
        raise ValueError(f"stems must name every stem of correction_db; unknown: {', '.join(unknown) or 'none'}")
    return item


def _all_gains(item: JudgeItem) -> list[dict[str, float]]:
    return [item.correction_db, *(advice.changes_db or {} for advice in item.advices)]


def _advice(entry: Mapping[str, Any]) -> JudgedAdvice:
    changes = entry["changes_db"]
    return JudgedAdvice(_text(entry, "advice_id"), _text(entry, "text"), None if changes is None else _gains(changes))


def _text(row: Mapping[str, Any], name: str) -> str:
    if not isinstance(row[name], str) or not row[name]:
        raise ValueError(f"{name} must be text that is not empty")
    return str(row[name])


def _gains(value: Any) -> dict[str, float]:
    numbers = isinstance(value, dict) and all(type(gain) in (int, float) and abs(gain) < 1e3 for gain in value.values())
    if not numbers:
        raise ValueError(f"gain changes must be {{stem: dB}}, not {value!r:.60}")
    return {str(stem): float(gain) for stem, gain in value.items()}
