"""The one prompt builder: training and inference both get their text and the order of their clips here.

Clips are interleaved per stem (drums: problem, reference; bass: problem, reference; ...) and each pair is followed by
its name, at which the language model can read the pair out. The answer comes in the same order: first the finding, a
list of how much louder (+) or softer (−) each stem is than it should be, then the advice. No level is ever written in
a prompt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from datagen.words import GRID_DB, REFERENCE_KINDS, SHOWN, STEMS, snap_to_grid
from training.tokenizer import ADVICE, AUDIO, MINUS, PLUS, WORDINGS, number_text

PROMPT_VERSION = "tiny-2"

Side = Literal["problem", "reference"]


class PromptError(ValueError):
    """A prompt that the model was never taught."""


@dataclass(frozen=True)
class ClipSlot:
    """Which audio belongs to a placeholder: a side, and a stem or `mix`."""

    side: Side
    stem: str


@dataclass(frozen=True)
class Prompt:
    """The text of a prompt with one `<|AUDIO|>` a clip, and the clips in order."""

    text: str
    clips: tuple[ClipSlot, ...]

    @property
    def sha256(self) -> str:
        """Hash of version and text."""
        return hashlib.sha256(f"{PROMPT_VERSION}\n{self.text}".encode()).hexdigest()


def has_reference(shown: str, reference_kind: str) -> bool:
    """Whether reference clips are in the prompt."""
    return shown in ("mix_ref", "stems_ref") and reference_kind != "none"


def advice_prompt(
    shown: str, *, reference_kind: str, wording: int, stems: Sequence[str] = STEMS, brief: str = ""
) -> Prompt:
    """The prompt that asks for finding and advice.

    `wording` picks how the advice is phrased and is drawn by seed, alike for all systems. `brief` is left out of the
    tiny model's prompt: its vocabulary covers no free text. Raises PromptError naming everything that is wrong.
    """
    del brief
    problems = _prompt_problems(shown, reference_kind, wording, stems)
    if problems:
        raise PromptError("; ".join(problems))
    kind = reference_kind if has_reference(shown, reference_kind) else "none"
    names = tuple(stems) if shown in ("stems", "stems_ref") else ("mix",)
    body = clips_of(names, paired=kind != "none")
    return Prompt(f"shown {names_shown(names)} reference {kind}: {body.text} advise <w{wording}>", body.clips)


def names_shown(names: Sequence[str]) -> str:
    """The word for what is shown."""
    return "mix" if tuple(names) == ("mix",) else "stems"


def clips_of(names: Sequence[str], *, paired: bool) -> Prompt:
    """The clips of stems (or of the mix) in order, each clip or pair followed by its name."""
    sides: tuple[Side, ...] = ("problem", "reference") if paired else ("problem",)
    text = " ".join(" ".join(f"{side} {AUDIO}" for side in sides) + f" {name}" for name in names)
    return Prompt(text, tuple(ClipSlot(side, name) for name in names for side in sides))


def signed(value_db: float) -> str:
    """A difference on the grid as the finding writes it: +3.5, −2, 0."""
    snapped = snap_to_grid(value_db)
    if snapped == 0.0:
        return "0"
    return f"{PLUS if snapped > 0 else MINUS}{number_text(snapped)}"


def stem_list(values_db: Sequence[float], *, stems: Sequence[str] = STEMS) -> str:
    """One value a stem, in the prompt's order."""
    return ", ".join(f"{stem} {signed(value)}" for stem, value in zip(stems, values_db, strict=True))


def finding_text(
    differences_db: Sequence[float],
    *,
    heard_db: Sequence[float] | None = None,
    overall_db: float | None = None,
    stems: Sequence[str] = STEMS,
) -> str:
    """The finding: per stem, in the prompt's order, how much louder it is than it should be.

    With a reference it is worked out in writing: first what was heard between each pair of clips, then what most pairs
    have in common, then what each stem differs from that.
    """
    if heard_db is None or overall_db is None:
        return stem_list(differences_db, stems=stems)
    heard, left = stem_list(heard_db, stems=stems), stem_list(differences_db, stems=stems)
    return f"{heard}; overall {signed(overall_db)}; {left}"


def answer_text(finding: str, advice: str) -> str:
    """The whole answer as a model is taught to write it."""
    return f"{finding} {ADVICE} {advice}"


def wording_of(seed: int, item_id: str) -> int:
    """The wording for an item: from seed and item alone, so that no system has a style of its own."""
    digest = hashlib.sha256(f"{seed}/{item_id}".encode()).digest()
    return digest[0] % WORDINGS


def sampling_seed(seed: int, item_id: str) -> int:
    """The seed of sampled decoding for an item: from seed and item alone, 32 bits."""
    return int(hashlib.sha256(f"sample/{seed}/{item_id}".encode()).hexdigest()[:8], 16)


def _prompt_problems(shown: str, reference_kind: str, wording: int, stems: Sequence[str]) -> list[str]:
    problems = []
    if shown not in SHOWN:
        problems.append(f"shown is {shown!r}, expected one of {', '.join(SHOWN)}")
    if reference_kind not in REFERENCE_KINDS:
        problems.append(f"reference_kind is {reference_kind!r}, expected one of {', '.join(REFERENCE_KINDS)}")
    if not 0 <= wording < WORDINGS:
        problems.append(f"wording is {wording}, expected 0 to {WORDINGS - 1}")
    if sorted(stems) != sorted(STEMS):
        problems.append(f"the tiny model knows the stems {', '.join(STEMS)}, not {', '.join(stems)}")
    return problems


assert GRID_DB == 0.5, "the tokenizer's numbers are half decibels"
