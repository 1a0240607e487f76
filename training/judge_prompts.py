"""What a judge model is told: the rubric, the measured facts, two advices (or all of them, to be ranked).

The rubric is by criterion; the facts are given because a model that reads two texts cannot know which stem was moved
or by how much. The ranking form follows MixAssist's order of criteria (technical accuracy, helpfulness, fluency; no
ties, one call) in words of our own, for comparison with figures made that way.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from training.judge_items import JudgedAdvice, JudgeItem

JUDGE_PROMPT_VERSION = "judge-1"
CRITERIA: dict[str, str] = {
    "effect": "following the advice brings the balance closer to the correction",
    "fit": "what it asks for suits the music and the brief",
    "clarity": "a producer would know which fader to move, which way, and by how much",
    "reason": "the reason given is true of the measured levels, and is not padding",
}
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

PAIR_RULES = (
    "You compare two pieces of advice on the balance of a mix. You are given what was measured: the correction is the "
    "smallest set of gain changes that restores the intended balance (+ is louder; a gain common to all stems does not "
    "matter), and under each advice stand the gain changes that were read from its words. Trust these facts before the "
    "wording. Judge each criterion by itself, then say which advice is better altogether; effect weighs most. Length, "
    "politeness and the order in which the two stand count for nothing. If neither is better, say tie.\n"
    "Criteria:\n" + "\n".join(f"- {name}: {meaning}" for name, meaning in CRITERIA.items()) + "\n"
    'Answer with one JSON object and nothing else: {"criteria": {'
    + ", ".join(f'"{name}": "A" | "B" | "tie"' for name in CRITERIA)
    + '}, "winner": "A" | "B" | "tie", "why": "one sentence"}'
)
RANK_RULES = (
    "You rank pieces of mixing advice from best to worst. First comes whether the advice is technically right for what "
    "is described, then whether it would help the person who asked, then whether it reads as a natural, brief and "
    "decisive reply. Every piece gets its own place; there are no ties.\n"
    'Answer with one JSON object and nothing else: {"ranking": ["the best letter", "the next", ...]}'
)


def pair_prompt(item: JudgeItem, first: JudgedAdvice, second: JudgedAdvice) -> tuple[str, str]:
    """(System text, user text) for two advices in the order in which they are shown."""
    facts = {
        "brief": item.brief,
        "audible_stems": list(item.stems),
        "correction_db": item.correction_db,
        "levels": item.levels,
    }
    blocks = [_with_reading(letter, advice) for letter, advice in zip(LETTERS, (first, second), strict=False)]
    return PAIR_RULES, "\n\n".join([f"Measured: {_json(facts)}", *blocks])


def rank_prompt(item: JudgeItem, advices: Sequence[JudgedAdvice]) -> tuple[str, str]:
    """(System text, user text) for all advices in the order in which they are shown; no facts, as in that protocol."""
    blocks = [f"Advice {letter}:\n{advice.text}" for letter, advice in zip(LETTERS, advices, strict=False)]
    return RANK_RULES, "\n\n".join([f"Asked: {item.brief or 'What would you change about the balance?'}", *blocks])


def _with_reading(letter: str, advice: JudgedAdvice) -> str:
    reading = "no gain changes can be read" if advice.changes_db is None else f"read as {_json(advice.changes_db)} dB"
    return f"Advice {letter} ({reading}):\n{advice.text}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
