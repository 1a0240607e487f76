"""Verdicts of a judge on the advices of items, one row for each pair; what they are worth is measured against people
elsewhere, and they are never answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from training.judge_answers import ReplyError, read_pair_reply, read_rank_reply
from training.judge_client import Endpoint, JudgeCallError
from training.judge_items import JudgedAdvice, JudgeItem, JudgeItemsError
from training.judge_prompts import JUDGE_PROMPT_VERSION, LETTERS, pair_prompt, rank_prompt
from training.judge_rubric import RUBRIC_VERSION, rubric_winner

METHODS = ("rubric", "pairwise", "listwise")
MISSING: None = None
Row = dict[str, Any]


@dataclass(frozen=True)
class Judge:
    """How items are judged."""

    method: str
    endpoint: Endpoint | None = None
    """Needed by all but the rubric."""
    audio: Path | None = None
    """Folder of the items' audio, for a model that hears."""
    asked: Callable[[str], None] = field(default=lambda _: None)

    def verdicts(self, items: Sequence[JudgeItem]) -> Iterator[Row]:
        """One row for each pair of an item's advices.

        `winner` is first, second, tie, or None where a reply failed; `orders` holds what was said in each order.
        Raises JudgeItemsError, before anything is asked, for a method, endpoint or audio that does not fit.
        """
        self._require_fitting(items)
        return self._verdicts(items)

    def _verdicts(self, items: Sequence[JudgeItem]) -> Iterator[Row]:
        for item in items:
            self.asked(item.item_id)
            for pair in ranked(item, self) if self.method == "listwise" else each_pair(item, self):
                yield {"item_id": item.item_id, "track_id": item.track_id, **pair, **self._provenance()}

    def _require_fitting(self, items: Sequence[JudgeItem]) -> None:
        problems = []
        if self.method not in METHODS:
            problems.append(f"method is {self.method!r}, expected one of {', '.join(METHODS)}")
        if self.method != "rubric" and (self.endpoint is None or not self.endpoint.model):
            problems.append(f"{self.method} needs --endpoint and --model")
        for item in items:
            if len(item.advices) > len(LETTERS):
                problems.append(f"{item.item_id} has more than {len(LETTERS)} advices")
            if self.audio is not None and not (item.audio and (self.audio / item.audio).is_file()):
                problems.append(f"{item.item_id}: {item.audio or 'no audio'} is not in {self.audio}")
        if problems:
            raise JudgeItemsError("\n".join(problems))

    def _provenance(self) -> Row:
        if self.endpoint is None or self.method == "rubric":
            return {"method": self.method, "judge": "rubric", "version": RUBRIC_VERSION, "seed": None}
        return {
            "method": self.method,
            "judge": self.endpoint.model,
            "version": JUDGE_PROMPT_VERSION,
            "seed": self.endpoint.seed,
            "temperature": self.endpoint.temperature,
            "heard": self.audio is not None,
        }

    def sound_of(self, item: JudgeItem) -> Path | None:
        """The item's audio, where the judge hears."""
        return None if self.audio is None else self.audio / item.audio


def each_pair(item: JudgeItem, judge: Judge) -> Iterator[Row]:
    """Every pair of an item's advices, by the rubric or by a model in both orders."""
    for first, second in combinations(item.advices, 2):
        pair: Row = {"first": first.advice_id, "second": second.advice_id}
        if judge.method == "rubric":
            yield {**pair, "winner": rubric_winner(item, first, second), "orders": [], "problems": []}
            continue
        there = _asked(item, judge, first, second, ("first", "second"))
        back = _asked(item, judge, second, first, ("second", "first"))
        winners = [there["winner"], back["winner"]]
        problems = [order["problem"] for order in (there, back) if order["problem"]]
        yield {**pair, "winner": joined(winners), "orders": [there, back], "problems": problems}


def joined(winners: Sequence[str | None]) -> str | None:
    """The winner of both orders; a tie where they differ; None where either is missing."""
    if None in winners:
        return MISSING
    return winners[0] if len(set(winners)) == 1 else "tie"


def _asked(item: JudgeItem, judge: Judge, a: JudgedAdvice, b: JudgedAdvice, names: tuple[str, str]) -> dict[str, Any]:
    assert judge.endpoint is not None, "checked before anything is asked"
    of_place = {"A": names[0], "B": names[1], "tie": "tie"}
    try:
        winner, criteria = read_pair_reply(judge.endpoint.reply(*pair_prompt(item, a, b), audio=judge.sound_of(item)))
    except (JudgeCallError, ReplyError) as error:
        return {"winner": MISSING, "criteria": {}, "problem": str(error)}
    by_criterion = {name: of_place[place] for name, place in criteria.items()}
    return {"winner": of_place[winner], "criteria": by_criterion, "problem": ""}


def ranked(item: JudgeItem, judge: Judge) -> Iterator[Row]:
    """All advices in one call, letters shuffled by seed and item; a pair's winner is the one that stands higher."""
    assert judge.endpoint is not None, "checked before anything is asked"
    words = list(item.item_id.encode())
    order = np.random.default_rng([judge.endpoint.seed, *words]).permutation(len(item.advices))
    shown = [item.advices[place] for place in order]
    height: dict[str, int] = {}
    problems: list[str] = []
    try:
        reply = judge.endpoint.reply(*rank_prompt(item, shown), audio=judge.sound_of(item))
        places = read_rank_reply(reply, count=len(shown))
        height = {shown[place].advice_id: rank for rank, place in enumerate(places)}
    except (JudgeCallError, ReplyError) as error:
        problems = [str(error)]
    for first, second in combinations(item.advices, 2):
        one, other = first.advice_id, second.advice_id
        winner = MISSING if not height else "first" if height[one] < height[other] else "second"
        yield {"first": one, "second": other, "winner": winner, "orders": [], "problems": problems}


def write_verdicts(rows: Iterable[Row], path: Path) -> tuple[int, int]:
    """JSON lines, whole or not at all; returns how many there are and how many are missing."""
    count = missing = 0
    unfinished = path.with_name(f"{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with unfinished.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            count, missing = count + 1, missing + (row["winner"] is None)
    unfinished.replace(path)
    return count, missing
