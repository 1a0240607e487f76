"""Votes as rows to train with, in the forms that trainers read.

TRL's "preference" and "unpaired preference" (conversational), LLaMA-Factory's ranking rows with audio, and the columns
of the public chatbot-arena votes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from studyweb.export.ids import track_id
from studyweb.export.stored_text import moment_of
from studyweb.export.training_votes import Tally, TrainingData
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Item

Row = dict[str, Any]
Rows = Iterator[tuple[str, Row]]
"""(Split, row)."""
ASKED = "What would you change about the balance?"


def training_rows(data: TrainingData) -> dict[str, Callable[[], Rows]]:
    """{kind of rows: its rows when asked for}."""
    tallies = cache(lambda: [each for each in data.tallies() if _has_winner(*each)])
    return {
        "preference": lambda: (_preference(data, *each) for each in tallies()),
        "audio": lambda: (_audio(data, *each) for each in tallies()),
        "kto": lambda: _kto(data),
        "arena": lambda: _arena(data),
    }


def _has_winner(first: Advice, second: Advice, tally: Tally) -> bool:
    """Whether more people chose one text than another one."""
    return tally.for_first != tally.for_second and first.text != second.text


def _preference(data: TrainingData, first: Advice, second: Advice, tally: Tally) -> tuple[str, Row]:
    """One row per item and pair of texts: what most chose, and what they did not."""
    won, lost = (first, second) if tally.for_first > tally.for_second else (second, first)
    texts = {"prompt": _user(data, won.item), "chosen": _assistant(won), "rejected": _assistant(lost)}
    return _split(data, won), {**texts, **_facts(won, lost, tally)}


def _audio(data: TrainingData, first: Advice, second: Advice, tally: Tally) -> tuple[str, Row]:
    """A preference row with a place for the problem's audio, and in a project export how to make it."""
    won, lost = (first, second) if tally.for_first > tally.for_second else (second, first)
    asked = f"<audio>{_prompt(data, won.item)}"
    return _split(data, won), {
        "conversations": [{"from": "human", "value": asked}],
        "chosen": {"from": "gpt", "value": won.text},
        "rejected": {"from": "gpt", "value": lost.text},
        "audios": [f"audio/{won.item.public_id}.wav"],
        **({} if data.scope.is_public else {"recipe": won.item.recipe}),
        **_facts(won, lost, tally),
    }


def _facts(won: Advice, lost: Advice, tally: Tally) -> Row:
    for_won = max(tally.for_first, tally.for_second)
    n_votes = tally.for_first + tally.for_second + tally.ties
    return {
        "item_id": won.item.public_id,
        "track_id": track_id(won.item.track_id),
        "chosen_system": won.system.key,
        "rejected_system": lost.system.key,
        "n_votes": n_votes,
        "chosen_share": round((for_won + tally.ties / 2) / n_votes, 6),
        "tie_share": round(tally.ties / n_votes, 6),
    }


def _kto(data: TrainingData) -> Rows:
    """One row per judgement whether a change would be kept."""
    for vote in data.judgements():
        advice = vote.in_a if vote.slot == "A" else vote.in_b
        yield (
            vote.split,
            {
                "prompt": _user(data, advice.item),
                "completion": _assistant(advice),
                "label": vote.value == "yes",
                "item_id": advice.item.public_id,
                "track_id": track_id(advice.item.track_id),
                "system": advice.system.key,
                "judge": vote.person.name,
            },
        )


def _arena(data: TrainingData) -> Rows:
    """One row per vote, ties among them. `tstamp`: seconds since 1970, or in public since the judge agreed."""
    unhelpful = data.unhelpful()
    for vote in data.choices():
        at = data.scope.moment(moment_of(vote.received_text), since=vote.person.consented_at)
        asked = _user(data, vote.in_a.item)
        yield (
            vote.split,
            {
                "question_id": vote.in_a.item.public_id,
                "model_a": vote.in_a.system.key,
                "model_b": vote.in_b.system.key,
                "winner": _winner(vote.value, is_unhelpful=vote.trial in unhelpful),
                "judge": vote.person.name,
                "conversation_a": [*asked, *_assistant(vote.in_a)],
                "conversation_b": [*asked, *_assistant(vote.in_b)],
                "turn": 1,
                "anony": True,
                "language": data.scope.study.plan["language"],
                "tstamp": at if at is None or isinstance(at, float) else at.timestamp(),
                "track_id": track_id(vote.in_a.item.track_id),
            },
        )


def _winner(value: str, *, is_unhelpful: bool) -> str:
    preference = preference_for_first(value, first_is_a=True)
    if preference == 0:
        return "both_bad" if is_unhelpful else "tie"
    return "model_a" if preference > 0 else "model_b"


def _split(data: TrainingData, advice: Advice) -> str:
    return data.splits[advice.item.track_id]


def _prompt(data: TrainingData, item: Item) -> str:
    return f"{data.scope.study.plan['texts']['frame']} {item.brief} {ASKED}"


def _user(data: TrainingData, item: Item) -> list[dict[str, str]]:
    return [{"role": "user", "content": _prompt(data, item)}]


def _assistant(advice: Advice) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": advice.text}]
