"""Advice for held-out songs under one condition: decoded, read back from its text, and put beside what was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from datagen.disturbances import DisturbanceSettings, draw_disturbance
from datagen.oracle import least_squares_changes
from datagen.words import STEMS, mapping_from_changes
from training.ablations import silence_like
from training.answering import Answer, AnyModel, answer, prompt_example
from training.conditions import CONSTANT, ORACLE, Condition
from training.cross_mel import pair_index
from training.examples import Example
from training.listening_rounds import Ask, listen_again
from training.metrics import ROUNDS, Scored
from training.prompts import advice_prompt, wording_of
from training.reading import read_changes
from training.scenes import LEVEL_RANGE_DB, Scene, Side, make_scene, scene_clips
from training.songs_cache import Songs
from training.tiny_base import Base

BATCH = 200
"""All prompts of a condition are of one length, so nothing is padded."""
Numbered = Sequence[tuple[int, Scene]]


@dataclass(frozen=True)
class EvaluationSettings:
    """Which items are used; the seed decides every disturbance and level."""

    split: str = "test"
    songs: int = 100
    items_per_song: int = 10
    seed: int = 2026
    spread: float = 1.0
    """The generator's factor on the SDs of balances; see `training.balance_spreads`."""
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
    """One scored advice an item. `model` has the condition's adapter active; None for the constant and the oracle."""
    scenes = evaluation_scenes(songs, reference_kind=condition.reference_kind, settings=settings)
    heard = shuffled(scenes) if condition.shuffled else scenes
    ask = ask_of(condition, model, base, songs, seed=settings.seed)
    rounds = listen_again(heard, ask, rounds=ROUNDS if condition.listens_again else 1)
    return [
        Scored(
            track=songs.keys[int(scene.problem.songs[0])],
            correction_db=mapping_from_changes(scene.correction),
            advised_db=item.advised_db[0],
            stems=scene.audible,
            rounds_db=tuple(item.applied_db) if condition.listens_again else (),
            stopped=item.stopped,
        )
        for scene, item in zip(scenes, rounds, strict=True)
    ]


def ask_of(condition: Condition, model: AnyModel | None, base: Base, songs: Songs, *, seed: int) -> Ask:
    """How a condition's system is asked for advice."""
    if condition.system == CONSTANT:
        return lambda numbered, _: [{} for _ in numbered]
    if condition.system == ORACLE:
        return lambda numbered, _: [oracle_advice(songs, scene) for _, scene in numbered]
    assert model is not None, f"{condition.label} needs a model"
    return partial(model_advice, model, base, songs, condition, seed)


def model_advice(
    model: AnyModel, base: Base, songs: Songs, condition: Condition, seed: int, numbered: Numbered, round_number: int
) -> list[dict[str, float] | None]:
    """What a model advises for numbered scenes, batch by batch; the seed decides what is sampled."""
    prompts = [example_of(songs, scene, condition, number=k) for k, scene in numbered]
    advised: list[dict[str, float] | None] = []
    for start in range(0, len(prompts), BATCH):
        drawn = seed + start + 100_000 * round_number
        answers = answer(model, base, prompts[start : start + BATCH], method=condition.decoding, seed=drawn)
        advised.extend(_read(each) for each in answers)
    return advised


def _read(written: Answer) -> dict[str, float] | None:
    """As the engine reads it: an answer that did not end cannot be acted on."""
    return read_changes(written.advice)[0] if written.complete else None


def example_of(songs: Songs, scene: Scene, condition: Condition, *, number: int) -> Example:
    """The prompt of an item with its clips; silent ones where the condition hears nothing."""
    wording = wording_of(0, f"item-{number}")
    prompt = advice_prompt(condition.shown, reference_kind=condition.reference_kind, wording=wording)
    clips = scene_clips(scene, prompt.clips, songs)
    return prompt_example(prompt, silence_like(clips) if condition.silent else clips)


def shuffled(scenes: Sequence[Scene]) -> list[Scene]:
    """The scenes, each with the reference of another song."""
    return [replace(scene, reference=scenes[k - len(scenes) // 2].reference) for k, scene in enumerate(scenes)]


def oracle_advice(songs: Songs, scene: Scene) -> dict[str, float]:
    """What least squares on problem and reference stems advises, for a reference of the same passage.

    The oracle needs only inner products of problem and reference. Both are gains on the same stem, so a stem of one
    sample with the passage's RMS has the same ones as its audio.
    """
    assert scene.reference is not None, "the oracle needs a reference"
    problem, reference = (_one_sample_stems(songs, side) for side in (scene.problem, scene.reference))
    return mapping_from_changes(least_squares_changes(problem, reference, audible=scene.audible))


def _one_sample_stems(songs: Songs, side: Side) -> np.ndarray:
    own = [k for k, (i, j) in enumerate(pair_index(len(STEMS))) if i == j]
    rms = np.sqrt(songs.gram[side.songs[0], side.passages[0]][own])
    return np.asarray((rms * 10.0 ** (side.gains_db.astype(np.float64) / 20.0))[:, None, None])
