"""Adapters of the tiny base scored on a file of recipes: real songs, instead of those they were made with.

A file of one song has one track: its scores come without an interval and are a smoke check. Each evaluation can be
kept beside the weights, all of them in order, so that nobody can wonder how often such a file was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from datagen.recipes import Recipe
from datagen.triplets import Triplet
from datagen.words import Changes, mapping_from_changes
from training.adapters import ADAPTER_FILE, activate, load_adapter
from training.answering import Answer, AnyModel, answer, prompt_example
from training.conditions import Condition
from training.examples import Example
from training.features import FeatureSettings, Floats, fill_window, log_mel, mel_power
from training.metrics import Scored
from training.prompts import ClipSlot, advice_prompt, has_reference, wording_of
from training.reading import read_changes
from training.recipe_reader import TripletReader
from training.score_files import read_kept, write_kept
from training.score_rows import score_row
from training.tiny_base import Base, load_base
from training.weights import file_sha256, read_manifest, require_same_base

REAL_SONGS_FILE = "real_songs.json"
BATCH = 50
Log = Callable[[str], None]


def score_recipes(path: Path, conditions: Sequence[Condition], *, weights: Path, log: Log = print) -> dict[str, Any]:
    """Scores of conditions on a file of recipes, one row each, as plain data.

    A condition with a reference is scored on the recipes that have one of its kind, every other one on all. Raises
    RecipeTableError, SourceError and TripletError for the file, WeightsError for the weights.
    """
    torch.set_num_threads(1)
    base = load_base(weights / "base")
    reader = TripletReader(path, sample_rate=base.features.sample_rate)
    rows, used = [], {}
    for condition in conditions:
        model, used[condition.adapter] = _adapted(weights, condition)
        items = list(_scored(model, base, condition, _asked(reader, condition, base.features)))
        if items:
            rows.append(score_row(condition, items))
            log(f"{condition.label}: {len(items)} recipes")
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "recipes": path.name,
        "recipes_sha256": file_sha256(path),
        "tracks": [f"{about['attribution']} ({about['licence']})" for about in reader.info.tracks.values()],
        "weights": used,
        "rows": rows,
    }


def keep_evaluation(scores: dict[str, Any], weights: Path) -> None:
    """Add an evaluation to those kept beside the weights; none is ever replaced."""
    kept = read_kept(weights, REAL_SONGS_FILE) or {"evaluations": []}
    write_kept({"evaluations": [*kept["evaluations"], scores]}, weights / REAL_SONGS_FILE)


def _adapted(weights: Path, condition: Condition) -> tuple[AnyModel, str]:
    manifest = read_manifest(weights / condition.adapter, weights_file=ADAPTER_FILE)
    base = load_base(weights / "base")
    require_same_base(manifest, read_manifest(weights / "base", weights_file="model.safetensors"))
    adapted = load_adapter(base.model, weights / condition.adapter, name=condition.adapter)
    activate(adapted, condition.adapter)
    return adapted, manifest.weights_sha256


@dataclass(frozen=True)
class Asked:
    """A question about a recipe, and what would be right; its audio is gone."""

    recipe: Recipe
    label: Changes
    example: Example


def _asked(reader: TripletReader, condition: Condition, features: FeatureSettings) -> Iterator[Asked]:
    """The recipes that a condition can be asked about, in the file's order."""
    needs = condition.reference_kind if has_reference(condition.shown, condition.reference_kind) else None
    for place in range(len(reader)):
        triplet = reader.at(place)
        if needs in (None, triplet.recipe.reference_kind):
            yield Asked(triplet.recipe, triplet.label, recipe_example(triplet, condition, features, place=place))


def _scored(model: AnyModel, base: Base, condition: Condition, asked: Iterator[Asked]) -> Iterator[Scored]:
    """The answers, batch by batch; the excerpts of a file are of one length, so that nothing is padded."""
    while batch := list(islice(asked, BATCH)):
        answers = answer(model, base, [each.example for each in batch], method=condition.decoding, seed=0)
        yield from map(_score, batch, answers)


def _score(asked: Asked, written: Answer) -> Scored:
    return Scored(
        track=asked.recipe.excerpt.track.key,
        correction_db=mapping_from_changes(asked.label),
        advised_db=read_changes(written.advice)[0] if written.complete else None,
        stems=asked.recipe.audible,
    )


def recipe_example(triplet: Triplet, condition: Condition, features: FeatureSettings, *, place: int) -> Example:
    """The prompt of a recipe with its clips, as the engine makes it. `place` picks the wording."""
    wording = wording_of(0, f"recipe-{place}")
    prompt = advice_prompt(condition.shown, reference_kind=condition.reference_kind, wording=wording)
    return prompt_example(prompt, np.stack([_clip(triplet, slot, features) for slot in prompt.clips]))


def _clip(triplet: Triplet, slot: ClipSlot, features: FeatureSettings) -> Floats:
    side = triplet.problem if slot.side == "problem" else triplet.reference
    assert side is not None, "recipes without the reference are not asked about it"
    stereo = side.mix if slot.stem == "mix" else side.stems[triplet.names.index(slot.stem)]
    return log_mel(mel_power(fill_window(stereo.mean(axis=0, dtype=np.float32), settings=features), settings=features))
