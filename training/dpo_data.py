"""Preference pairs from an export: a chosen and a rejected advice on the same sound, split by track."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.recipes import Recipe, recipe_from_json
from datagen.triplets import Triplet, materialise
from datagen.words import STEMS
from training.answering import AnyModel, answer, prompt_example
from training.examples import Example, Part
from training.features import FeatureSettings, Floats, fill_window, log_mel, mel_power
from training.prompts import ClipSlot, Prompt, advice_prompt, has_reference, wording_of
from training.tiny_base import Base
from training.tokenizer import ADVICE, EOS, encode


class PreferenceFileError(ValueError):
    """A file of preference pairs that cannot be trained on; the message names every line."""


@dataclass(frozen=True)
class PreferencePair:
    """What most people chose on an item, and what they did not."""

    item_id: str
    track_id: str
    recipe: Recipe
    chosen: str
    rejected: str


@dataclass(frozen=True)
class PairExamples:
    """Both advices as examples with the same prompt and clips; only the advice is taught."""

    chosen: Example
    rejected: Example


def read_pairs(path: Path) -> list[PreferencePair]:
    """The pairs of an export's audio rows. Raises PreferenceFileError naming every line that is wrong."""
    pairs, problems = [], []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise PreferenceFileError(f"{path} is not UTF-8 text (byte {error.start})") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                pairs.append(_pair(json.loads(line)))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                problems.append(f"{path}, line {number}: {reason}")
    if problems or not pairs:
        raise PreferenceFileError("\n".join(problems) or f"{path} holds no pair")
    return pairs


def _pair(row: Any) -> PreferencePair:
    if not isinstance(row, dict):
        raise ValueError("must be an object")
    if "recipe" not in row:
        raise ValueError("has no recipe; take training/audio/*.jsonl of a project export, public ones hold no sound")
    chosen, rejected = row["chosen"]["value"], row["rejected"]["value"]
    if not isinstance(chosen, str) or not isinstance(rejected, str) or chosen == rejected:
        raise ValueError("chosen and rejected must be two different texts")
    return PreferencePair(str(row["item_id"]), str(row["track_id"]), recipe_from_json(row["recipe"]), chosen, rejected)


def require_other_tracks(pairs: Sequence[PreferencePair], held_out: Sequence[PreferencePair]) -> None:
    """Raise PreferenceFileError when a track stands on both sides: its songs would be known."""
    both = sorted({pair.track_id for pair in pairs} & {pair.track_id for pair in held_out})
    if both:
        raise PreferenceFileError(f"tracks in both files: {', '.join(both)}; split them by track, as an export does")


def readable(pairs: Sequence[PreferencePair], base: Base) -> list[PreferencePair]:
    """The pairs whose texts the tiny model has words for."""
    return [pair for pair in pairs if all(_has_words(base, text) for text in (pair.chosen, pair.rejected))]


def _has_words(base: Base, text: str) -> bool:
    try:
        encode(base.tokenizer, text)
    except ValueError:
        return False
    return True


def pair_examples(pair: PreferencePair, model: AnyModel, base: Base, *, shown: str, seed: int) -> PairExamples:
    """Both advices after the finding that the starting adapter writes itself: what it heard is not what is judged.

    Raises SourceError and TripletError for the sound, PromptError for stems that were never taught.
    """
    triplet = materialise(pair.recipe, sample_rate=base.features.sample_rate)
    kind = pair.recipe.reference_kind if has_reference(shown, pair.recipe.reference_kind) else "none"
    wording = wording_of(seed, pair.item_id)
    prompt = advice_prompt(shown, reference_kind=kind, wording=wording, stems=_in_order(triplet))
    asked = prompt_example(prompt, _clips(triplet, prompt, base.features))
    heard = answer(model, base, [asked])[0]
    finding = heard.finding if heard.complete and _has_words(base, heard.finding) else ""
    before = (*asked.parts, *([Part(finding)] if finding else []), Part(ADVICE))
    chosen, rejected = (
        Example((*before, Part(f"{text} {EOS}", taught=True)), asked.clips) for text in (pair.chosen, pair.rejected)
    )
    return PairExamples(chosen, rejected)


def _in_order(triplet: Triplet) -> tuple[str, ...]:
    return STEMS if sorted(triplet.names) == sorted(STEMS) else triplet.names


def _clips(triplet: Triplet, prompt: Prompt, features: FeatureSettings) -> Floats:
    return np.stack([_clip(triplet, slot, features) for slot in prompt.clips])


def _clip(triplet: Triplet, slot: ClipSlot, features: FeatureSettings) -> Floats:
    side = triplet.problem if slot.side == "problem" else triplet.reference
    assert side is not None, "the prompt asks for a reference only where the recipe has one"
    stereo = side.mix if slot.stem == "mix" else side.stems[triplet.names.index(slot.stem)]
    return log_mel(mel_power(fill_window(stereo.mean(axis=0, dtype=np.float32), settings=features), settings=features))
