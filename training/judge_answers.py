"""A judge's reply, read strictly: one JSON object of the agreed form, or missing with the reason; never a guess."""

from __future__ import annotations

import json
from typing import Any, Literal

from training.judge_prompts import CRITERIA, LETTERS

Place = Literal["A", "B", "tie"]
PLACES: tuple[Place, ...] = ("A", "B", "tie")


class ReplyError(ValueError):
    """A reply that is not of the agreed form; the verdict is missing."""


def read_pair_reply(text: str) -> tuple[Place, dict[str, Place]]:
    """(Winner, winner by criterion). Raises ReplyError naming everything that is wrong."""
    data = _object(text, {"criteria", "winner", "why"})
    criteria = data.get("criteria")
    problems = []
    if data.get("winner") not in PLACES:
        problems.append(f"winner is {data.get('winner')!r:.40}")
    if not isinstance(criteria, dict) or criteria.keys() != CRITERIA.keys():
        problems.append(f"criteria must be exactly {', '.join(CRITERIA)}")
    elif wrong := [name for name, place in criteria.items() if place not in PLACES]:
        problems.append(f"criteria {', '.join(wrong)} must be A, B or tie")
    if problems:
        raise ReplyError("; ".join(problems))
    assert isinstance(criteria, dict)
    return data["winner"], {name: criteria[name] for name in CRITERIA}


def read_rank_reply(text: str, *, count: int) -> tuple[int, ...]:
    """Places in the prompt, best first. Raises ReplyError unless every letter is there once."""
    ranking = _object(text, {"ranking"}).get("ranking")
    letters = list(LETTERS[:count])
    if not isinstance(ranking, list) or not all(isinstance(entry, str) for entry in ranking):
        raise ReplyError("ranking must be a list of letters")
    if sorted(ranking) != letters:
        raise ReplyError(f"ranking must hold each of {', '.join(letters)} once")
    return tuple(letters.index(letter) for letter in ranking)


def _object(text: str, known: set[str]) -> dict[str, Any]:
    # A code fence is how some models always write JSON; anything else around the object is refused.
    body = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```").strip()
    try:
        data = json.loads(body, object_pairs_hook=_without_doubles)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ReplyError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ReplyError("not a JSON object")
    if unknown := sorted(data.keys() - known):
        raise ReplyError(f"unknown keys {', '.join(unknown)}")
    return data


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ReplyError("a key is there twice")
    return data
