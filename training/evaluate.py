"""Scores of the shipped adapters on held-out songs: advice is decoded, read back from its text, and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from datagen.disturbances import DisturbanceSettings, draw_disturbance
from datagen.words import STEMS, mapping_from_changes
from training.adapters import activate, load_adapter
from training.answering import AnyModel, answer, prompt_example
from training.conditions import Condition
from training.examples import Example
from training.metrics import Scored, score, scores_to_json, track_interval
from training.prompts import advice_prompt, wording_of
from training.reading import read_changes
from training.scenes import LEVEL_RANGE_DB, Scene, make_scene, scene_clips
from training.songs_cache import Songs, load_songs
from training.tiny_base import Base, load_base

BATCH = 64


@dataclass(frozen=True)
class EvaluationSettings:
    """Which items are used; the seed decides every disturbance and level."""

    split: str = "test"
    songs: int = 100
    items_per_song: int = 6
    seed: int = 2026
    disturbances: DisturbanceSettings = field(default_factory=DisturbanceSettings)


def evaluation_scenes(songs: Songs, *, reference_kind: str, settings: EvaluationSettings) -> list[Scene]:
    """The items' scenes: the same problems for every reference kind."""
    return [
        _scene(songs, song, number, reference_kind=reference_kind, settings=settings)
        for song in range(len(songs))
        for number in range(settings.items_per_song)
    ]


def _scene(songs: Songs, song: int, number: int, *, reference_kind: str, settings: EvaluationSettings) -> Scene:
    rng = np.random.default_rng([settings.seed, song, number])
    passage = int(rng.integers(songs.stems_db.shape[1]))
    audible = tuple(np.array(STEMS)[songs.audible[song, passage]].tolist())
    disturbance = draw_disturbance(rng, audible, settings.disturbances)
    return make_scene(
        rng,
        songs,
        np.full(len(STEMS), song),
        np.full(len(STEMS), passage),
        disturbance=disturbance,
        audible=audible,
        levels_db=rng.uniform(-LEVEL_RANGE_DB, LEVEL_RANGE_DB, size=2),
        reference_kind=reference_kind,
    )


def score_condition(
    model: AnyModel | None, base: Base, songs: Songs, condition: Condition, *, settings: EvaluationSettings
) -> list[Scored]:
    """One scored advice an item; without a model the constant answer."""
    scenes = evaluation_scenes(songs, reference_kind=condition.reference_kind, settings=settings)
    if model is None:
        return [_scored(songs, scene, {}) for scene in scenes]
    heard = _shuffled(scenes) if condition.shuffled else scenes
    prompts = [_prompt(songs, scene, condition, number=k) for k, scene in enumerate(heard)]
    advised: list[dict[str, float] | None] = []
    for start in range(0, len(prompts), BATCH):
        answers = answer(
            model, base, prompts[start : start + BATCH], method=condition.decoding, seed=settings.seed + start
        )
        advised.extend(read_changes(each.advice)[0] for each in answers)
    return [_scored(songs, scene, gains) for scene, gains in zip(scenes, advised, strict=True)]


def _prompt(songs: Songs, scene: Scene, condition: Condition, *, number: int) -> Example:
    wording = wording_of(0, f"item-{number}")
    prompt = advice_prompt(condition.shown, reference_kind=condition.reference_kind, wording=wording)
    return prompt_example(prompt, scene_clips(scene, prompt.clips, songs))


def _shuffled(scenes: Sequence[Scene]) -> list[Scene]:
    return [replace(scene, reference=scenes[k - len(scenes) // 2].reference) for k, scene in enumerate(scenes)]


def _scored(songs: Songs, scene: Scene, advised: dict[str, float] | None) -> Scored:
    track = songs.keys[int(scene.problem.songs[0])]
    return Scored(track, mapping_from_changes(scene.correction), advised, scene.audible)


def evaluate(
    weights: Path,
    conditions: Sequence[Condition],
    *,
    settings: EvaluationSettings,
    log: Callable[[str], None] = print,
) -> list[dict[str, object]]:
    """One row a condition: its label, scores and track-clustered 95 % intervals."""
    base = load_base(weights / "base")
    songs = load_songs(settings.split, count=settings.songs, settings=base.features, log=log)
    model: AnyModel = base.model
    for name in dict.fromkeys(c.system for c in conditions if c.system != "constant"):
        model = load_adapter(model, weights / name, name=name)
    rows = []
    for condition in conditions:
        adapted = None if condition.system == "constant" else model
        if adapted is not None:
            activate(adapted, condition.system)
        rows.append(evaluation_row(condition, score_condition(adapted, base, songs, condition, settings=settings)))
        log(row_text(rows[-1]))
    return rows


def evaluation_row(condition: Condition, items: Sequence[Scored]) -> dict[str, object]:
    """The scores of a condition as plain data."""
    intervals = {
        name: track_interval(items, lambda chosen, name=name: getattr(score(chosen), name))  # type: ignore[misc]
        for name in ("found", "false_alarms", "error_db", "specificity")
    }
    return {"condition": condition.label, "scores": scores_to_json(score(items)), "intervals": intervals}


def row_text(row: dict[str, object]) -> str:
    """One line for the terminal."""
    return f"{row['condition']}: {row['scores']}"
