"""The prompt builder of the real bases: training and inference both get their turns and the order of clips here.

Every clip stands behind its number, its stem's name and its side; a stem's problem and reference follow each other. The
answer comes in the same order: the finding first, a list of how much louder (+) or softer (−) each stem is than it
should be, then the advice, which is what a producer reads. No level is ever written in a prompt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.words import REFERENCE_KINDS, REGISTERS, SHOWN, SPOKEN_STEMS, snap_to_grid
from training.bases.base import Clip, Conversation, Role, Turn
from training.prompts import ClipSlot, PromptError, Side, has_reference
from training.tokenizer import MINUS, PLUS, WORDINGS, number_text

CHAT_PROMPT_VERSION = "chat-1"

FINDING, ADVICE = "Finding:", "Advice:"
ENGINEER = "You are a mixing engineer who helps with the balance of a song."
FORMAT = (
    f"Answer in two lines. The first begins with {FINDING!r} and lists every stem with how much louder (+) or softer "
    f"({MINUS}) it is than it should be, in dB. The second begins with {ADVICE!r} and says what to turn up or down and "
    "by how much, or that there is nothing to change; it never mentions a reference."
)
QUESTIONS: tuple[str, ...] = (
    "What would you change in the balance?",
    "How does the balance sound to you?",
    "Is there anything you would turn up or down?",
    "What should I do about the levels here?",
    "Does anything stick out or get lost?",
    "What is your next move on the faders?",
)
"""What is asked; drawn by the wording, alike for all systems."""
REFERENCES: Mapping[str, str] = {
    "same_passage": "The reference is this very passage in a balance that is right.",
    "other_passage": "The reference is another passage of this song, well balanced.",
    "previous_version": "The reference is an earlier balance of this song that was approved.",
    "other_song": "The reference is a finished song of the same genre.",
}
LEVEL = re.compile(r"\d\s*(?:dB|decibel|LU\b|LUFS)", re.IGNORECASE)


@dataclass(frozen=True)
class PromptTurn:
    """One turn of a prompt: text, and the slots of the clips that will be heard there."""

    role: Role
    content: tuple[str | ClipSlot, ...]


@dataclass(frozen=True)
class ChatPrompt:
    """The turns of a prompt, and the stems in the order in which the finding lists them."""

    turns: tuple[PromptTurn, ...]
    stems: tuple[str, ...]

    @property
    def clips(self) -> tuple[ClipSlot, ...]:
        """The slots of the clips, in order."""
        return tuple(piece for turn in self.turns for piece in turn.content if isinstance(piece, ClipSlot))

    @property
    def text(self) -> str:
        """All turns as text, a mark in the place of each clip."""
        return "\n".join(f"[{turn.role}] " + "".join(map(_as_text, turn.content)) for turn in self.turns)

    @property
    def sha256(self) -> str:
        """Hash of version and text."""
        return hashlib.sha256(f"{CHAT_PROMPT_VERSION}\n{self.text}".encode()).hexdigest()


def stem_order(stems: Sequence[str], *, seed: int, shuffled: bool) -> tuple[str, ...]:
    """The order in which stems are shown: the source's, or one drawn by seed."""
    if not shuffled:
        return tuple(stems)
    return tuple(stems[k] for k in np.random.default_rng(seed).permutation(len(stems)))


def advice_chat(
    shown: str,
    *,
    reference_kind: str,
    wording: int,
    stems: Sequence[str],
    brief: str = "",
    register: str = "terse",
    history: Sequence[tuple[Role, str]] = (),
    question: str = "",
) -> ChatPrompt:
    """The prompt that asks for finding and advice.

    `stems` are in the order of `stem_order`. `wording` picks the question (unless one is given) and how the advice is
    phrased. `history` is the conversation so far, oldest turn first. Raises PromptError naming everything that is
    wrong.
    """
    problems = _problems(shown, reference_kind, wording, stems, register) + _level_problems(brief, question)
    problems += _history_problems(history)
    if problems:
        raise PromptError("; ".join(problems))
    kind = reference_kind if has_reference(shown, reference_kind) else "none"
    heard = tuple(stems) if shown in ("stems", "stems_ref") else ("mix",)
    content = (
        _brief_line(brief),
        *_clip_lines(heard, paired=kind != "none"),
        *([f"{REFERENCES[kind]}\n"] if kind != "none" else []),
        f"{question or QUESTIONS[wording % len(QUESTIONS)]}\nStyle: {register}, {wording_code(wording)}.",
    )
    return ChatPrompt(_turns(f"{ENGINEER} {FORMAT}", history, content), tuple(stems))


def segment_chat(question: str, *, history: Sequence[tuple[Role, str]] = ()) -> ChatPrompt:
    """A turn of a recorded session, as MixAssist has them: the conversation so far, one segment of the mix, a
    question. The answer is the expert's next turn, as it is. Raises PromptError."""
    problems = _history_problems(history) + ([] if question.strip() else ["the question is empty"])
    if problems:
        raise PromptError("; ".join(problems))
    content = (*_clip_lines(("mix",), paired=False), question)
    return ChatPrompt(_turns(ENGINEER, history, content), ("mix",))


def conversation_of(prompt: ChatPrompt, clips: Sequence[Clip], *, answer: str = "") -> Conversation:
    """A prompt with its clips in the order of `prompt.clips`, and the answer that is taught where one is given."""
    assert len(clips) == len(prompt.clips), f"{len(clips)} clips for {len(prompt.clips)} places"
    waiting = iter(clips)
    turns = [
        Turn(turn.role, tuple(next(waiting) if isinstance(piece, ClipSlot) else piece for piece in turn.content))
        for turn in prompt.turns
    ]
    if answer:
        turns.append(Turn("assistant", (answer,), taught=True))
    return Conversation(tuple(turns))


def finding_text(differences_db: Mapping[str, float], *, stems: Sequence[str], overall_db: float | None) -> str:
    """The finding: every stem with how much louder than it should be, in the prompt's order.

    `overall_db` is the common difference from the reference; None without one. Values are written on the 0.5 dB grid.
    """
    values = ", ".join(f"{spoken(stem)} {_signed(differences_db.get(stem, 0.0))} dB" for stem in stems)
    return values if overall_db is None else f"overall {_signed(overall_db)} dB; {values}"


def answer_text(finding: str, advice: str) -> str:
    """The whole answer as a model is taught to write it: two lines."""
    return f"{FINDING} {finding}\n{ADVICE} {advice}"


def split_answer(text: str) -> tuple[str, str]:
    """(finding, advice) of an answer; the inverse of answer_text. The advice is empty when the model never got to
    it."""
    head, mark, advice = text.partition(ADVICE)
    finding = head.strip().removeprefix(FINDING).strip()
    return finding, advice.strip() if mark else ""


def spoken(stem: str) -> str:
    """A stem's name as prompts and findings write it: `other` is `other instruments`."""
    return SPOKEN_STEMS.get(stem, stem).removeprefix("the ")


def wording_code(wording: int) -> str:
    """A wording in letters, so that no number but the clips' stands in a prompt."""
    return chr(ord("a") + wording // 6) + chr(ord("a") + wording % 6)


def _signed(value_db: float) -> str:
    snapped = snap_to_grid(value_db)
    if snapped == 0.0:
        return "0"
    return f"{PLUS if snapped > 0 else MINUS}{number_text(snapped)}"


def _clip_lines(names: Sequence[str], *, paired: bool) -> list[str | ClipSlot]:
    sides: tuple[Side, ...] = ("problem", "reference") if paired else ("problem",)
    lines: list[str | ClipSlot] = []
    for number, (name, side) in enumerate(((name, side) for name in names for side in sides), start=1):
        lines += [f"Audio {number}, {spoken(name)}, {side}: ", ClipSlot(side, name), "\n"]
    return lines


def _brief_line(brief: str) -> str:
    line = " ".join(brief.split())
    return f"Brief: {line}\n" if line else ""


def _turns(
    system: str, history: Sequence[tuple[Role, str]], content: Sequence[str | ClipSlot]
) -> tuple[PromptTurn, ...]:
    said = tuple(PromptTurn(role, (text,)) for role, text in history)
    return (PromptTurn("system", (system,)), *said, PromptTurn("user", _joined(content)))


def _joined(content: Sequence[str | ClipSlot]) -> tuple[str | ClipSlot, ...]:
    # Texts that touch become one, so that they are cut into tokens as a whole.
    joined: list[str | ClipSlot] = []
    for piece in content:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return tuple(joined)


def _as_text(piece: str | ClipSlot) -> str:
    return piece if isinstance(piece, str) else f"<{piece.side}/{piece.stem}>"


def _problems(shown: str, reference_kind: str, wording: int, stems: Sequence[str], register: str) -> list[str]:
    problems = [
        f"{name} is {value!r}, expected one of {', '.join(allowed)}"
        for name, value, allowed in (
            ("shown", shown, SHOWN),
            ("reference_kind", reference_kind, REFERENCE_KINDS),
            ("register", register, REGISTERS),
        )
        if value not in allowed
    ]
    if not 0 <= wording < WORDINGS:
        problems.append(f"wording is {wording}, expected 0 to {WORDINGS - 1}")
    if not stems or len(set(stems)) != len(stems):
        problems.append(f"stems must be some different names, not {', '.join(stems) or 'none'}")
    return problems


def _level_problems(brief: str, question: str) -> list[str]:
    return [
        f"the {name} names a level ({found.group()!r}); levels have to be heard, not read"
        for name, text in (("brief", brief), ("question", question))
        if (found := LEVEL.search(text))
    ]


def _history_problems(history: Sequence[tuple[Role, str]]) -> list[str]:
    roles = [role for role, _ in history]
    return ["the conversation so far holds a system turn"] if "system" in roles else []
