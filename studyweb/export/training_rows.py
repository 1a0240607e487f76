"""Votes as rows to train with, in the forms that trainers read.

TRL's "preference" and "unpaired preference" (conversational), LLaMA-Factory's ranking rows with audio, and the columns
of the public chatbot-arena votes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

from studyweb.export.ids import track_id
from studyweb.export.stored_text import moment_of
from studyweb.export.training_votes import Tally, TrainingData, Vote
from studyweb.stats.codes import preference_for_first
from studyweb.studies.models import Advice, Item

Row = dict[str, Any]
Rows = Iterator[tuple[str, str, Row]]
"""(Kind, split, row)."""
ASKED = "What would you change about the balance?"


def training_rows(data: TrainingData) -> Rows:
    """Every row of every kind; votes are read once, and counted for the preferences that come last."""
    tallies: dict[tuple[int, int], Tally] = {}
    about_pair, about_advice = cache(partial(_about_pair, data)), cache(partial(_about_advice, data))
    for votes in data.votes():
        for vote in votes.choices:
            _count(tallies, vote)
            winner = _winner(vote.value, is_unhelpful=vote.is_unhelpful)
            own = {"winner": winner, "judge": vote.person.name, "tstamp": _moment(data, vote)}
            yield "arena", vote.split, about_pair(vote.in_a, vote.in_b) | own
        for vote in votes.judgements:
            about = about_advice(vote.in_a if vote.slot == "A" else vote.in_b)
            yield "kto", vote.split, about | {"label": vote.value == "yes", "judge": vote.person.name}
    for (one, other), tally in sorted(tallies.items()):
        first, second = data.advices[one], data.advices[other]
        if _has_winner(first, second, tally):
            won, lost = (first, second) if tally.for_first > tally.for_second else (second, first)
            split = data.splits[won.item.track_id]
            yield "preference", split, _preference(data, won, lost, tally)
            yield "audio", split, _audio(data, won, lost, tally)


def _count(tallies: dict[tuple[int, int], Tally], vote: Vote) -> None:
    first_is_a = vote.in_a.system.position < vote.in_b.system.position
    pair = (vote.in_a.pk, vote.in_b.pk) if first_is_a else (vote.in_b.pk, vote.in_a.pk)
    tallies.setdefault(pair, Tally()).count(preference_for_first(vote.value, first_is_a=first_is_a))


def _has_winner(first: Advice, second: Advice, tally: Tally) -> bool:
    """Whether more people chose one text than another one."""
    return tally.for_first != tally.for_second and first.text != second.text


def _preference(data: TrainingData, won: Advice, lost: Advice, tally: Tally) -> Row:
    """One row per item and pair of texts: what most chose, and what they did not."""
    texts = {"prompt": _user(data, won.item), "chosen": _assistant(won), "rejected": _assistant(lost)}
    return {**texts, **_facts(won, lost, tally)}


def _audio(data: TrainingData, won: Advice, lost: Advice, tally: Tally) -> Row:
    """A preference row with a place for the problem's audio, and in a project export how to make it."""
    return {
        "conversations": [{"from": "human", "value": f"<audio>{_prompt(data, won.item)}"}],
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


def _about_advice(data: TrainingData, advice: Advice) -> Row:
    """What all judgements of an advice share, their own columns empty."""
    return {
        "prompt": _user(data, advice.item),
        "completion": _assistant(advice),
        "label": None,
        "item_id": advice.item.public_id,
        "track_id": track_id(advice.item.track_id),
        "system": advice.system.key,
        "judge": None,
    }


def _about_pair(data: TrainingData, in_a: Advice, in_b: Advice) -> Row:
    """What all votes on a pair share, their own columns empty; `tstamp`: see `_moment`."""
    asked = _user(data, in_a.item)
    return {
        "question_id": in_a.item.public_id,
        "model_a": in_a.system.key,
        "model_b": in_b.system.key,
        "winner": None,
        "judge": None,
        "conversation_a": [*asked, *_assistant(in_a)],
        "conversation_b": [*asked, *_assistant(in_b)],
        "turn": 1,
        "anony": True,
        "language": data.scope.study.plan["language"],
        "tstamp": None,
        "track_id": track_id(in_a.item.track_id),
    }


def _moment(data: TrainingData, vote: Vote) -> float | None:
    """Seconds since 1970, or in public since the judge agreed."""
    at = data.scope.moment(moment_of(vote.received_text), since=vote.person.consented_at)
    return at if at is None or isinstance(at, float) else at.timestamp()


def _winner(value: str, *, is_unhelpful: bool) -> str:
    preference = preference_for_first(value, first_is_a=True)
    if preference == 0:
        return "both_bad" if is_unhelpful else "tie"
    return "model_a" if preference > 0 else "model_b"


def _prompt(data: TrainingData, item: Item) -> str:
    return f"{data.scope.study.plan['texts']['frame']} {item.brief} {ASKED}"


def _user(data: TrainingData, item: Item) -> list[dict[str, str]]:
    return [{"role": "user", "content": _prompt(data, item)}]


def _assistant(advice: Advice) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": advice.text}]
