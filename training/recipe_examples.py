"""From triplets to what a real base is taught: the prompt with its clips, and finding and advice as the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from datagen.recipes import Recipe
from datagen.triplets import StemSet, Triplet
from datagen.words import mapping_from_changes
from training.ablations import Audio, ReferenceAudio
from training.bases.base import Clip, Conversation
from training.chat_prompts import ChatPrompt, advice_chat, answer_text, conversation_of, finding_text, stem_order
from training.prompts import ClipSlot, has_reference
from training.recipe_reader import TripletReader
from training.tokenizer import WORDINGS


@dataclass(frozen=True)
class Showing:
    """How a run shows its examples."""

    shown: str
    shuffle_stems: bool = True
    audio: Audio = "heard"
    reference_audio: ReferenceAudio = "own"


def recipe_example(reader: TripletReader, place: int, showing: Showing) -> Conversation:
    """The example of the recipe at a place of its file."""
    triplet = reader.at(place)
    heard = triplet
    if showing.reference_audio == "shuffled" and has_reference(showing.shown, triplet.recipe.reference_kind):
        heard = replace(triplet, reference=_other_reference(reader, place))
    return conversation_of_triplet(triplet, heard, showing)


def conversation_of_triplet(triplet: Triplet, heard: Triplet, showing: Showing) -> Conversation:
    """What is said about one triplet while the clips of another, usually the same, are heard."""
    recipe = triplet.recipe
    wording = recipe.template_seed % WORDINGS
    prompt = prompt_of(recipe, names=triplet.names, showing=showing, wording=wording)
    clips = [_clip(heard, slot, silent=showing.audio == "none") for slot in prompt.clips]
    # The advice is phrased by the wording that the prompt asks for, as it will be at inference.
    explained = replace(triplet, recipe=replace(recipe, template_seed=wording))
    overall_db = common_difference_db(triplet) if has_reference(showing.shown, recipe.reference_kind) else None
    finding = finding_text(differences_db(triplet), stems=prompt.stems, overall_db=overall_db)
    return conversation_of(prompt, clips, answer=answer_text(finding, explained.explanation.advice))


def prompt_of(recipe: Recipe, *, names: tuple[str, ...], showing: Showing, wording: int) -> ChatPrompt:
    """The prompt of a recipe."""
    shuffled = showing.shuffle_stems and showing.shown in ("stems", "stems_ref")
    return advice_chat(
        showing.shown,
        reference_kind=recipe.reference_kind,
        wording=wording,
        stems=stem_order(names, seed=recipe.seed, shuffled=shuffled),
        brief=recipe.brief,
        register=recipe.register,
    )


def differences_db(triplet: Triplet) -> Mapping[str, float]:
    """How much louder each stem is than it should be, dB: the correction with its sign turned."""
    return {stem: -gain_db for stem, gain_db in mapping_from_changes(triplet.label).items()}


def common_difference_db(triplet: Triplet) -> float:
    """How much louder the unchanged stems of the problem are than those of the reference, dB."""
    recipe, undone = triplet.recipe, mapping_from_changes(triplet.label)
    left_db = [recipe.disturbance_db.get(stem, 0.0) + undone.get(stem, 0.0) for stem in recipe.audible]
    common_db = float(np.median(left_db)) if left_db else 0.0
    return recipe.problem_level_db - recipe.reference_level_db + common_db


def _other_reference(reader: TripletReader, place: int) -> StemSet:
    """The reference of another recipe of the file: the first that has one, from half the file away."""
    for step in range(len(reader)):
        other = reader.at((place + len(reader) // 2 + step) % len(reader))
        if other.reference is not None:
            return other.reference
    raise AssertionError("the recipe itself has a reference")


def _clip(triplet: Triplet, slot: ClipSlot, *, silent: bool) -> Clip:
    side = triplet.problem if slot.side == "problem" else triplet.reference
    assert side is not None, "the prompt asks for a reference that the triplet does not have"
    stereo = side.mix if slot.stem == "mix" else side.stems[triplet.names.index(slot.stem)]
    mono = stereo.mean(axis=0, dtype=np.float32)
    return Clip(samples=len(mono), waveform=np.zeros_like(mono) if silent else mono)
