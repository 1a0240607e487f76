"""Examples of the adapters' task: a prompt that asks for advice, answered with finding and advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from datagen.explanations import write
from datagen.words import STEMS
from training.examples import Example, question_and_answer
from training.prompts import advice_prompt, answer_text, finding_text, has_reference
from training.scenes import Scene, SceneSettings, draw_scene, heard_differences_db, scene_clips
from training.songs_cache import Songs
from training.tokenizer import WORDINGS


def draw_kind(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    """A reference kind drawn by its share: reference dropout is the share of `none`."""
    kinds = list(shares)
    weights = np.array([shares[kind] for kind in kinds])
    return str(rng.choice(kinds, p=weights / weights.sum()))


def shuffled_stems(rng: np.random.Generator) -> tuple[str, ...]:
    """The stems in a random order."""
    return tuple(STEMS[place] for place in rng.permutation(len(STEMS)))


def advice_example(
    rng: np.random.Generator,
    songs: Songs,
    *,
    shown: str,
    kinds: Mapping[str, float],
    settings: SceneSettings,
    order: Sequence[str] = STEMS,
) -> Example:
    """One random example for a system that is shown `shown`."""
    kind = draw_kind(rng, kinds)
    scene = draw_scene(rng, songs, reference_kind=kind, settings=settings)
    return example_of_scene(rng, scene, songs, shown=shown, reference_kind=kind, order=order)


def example_of_scene(
    rng: np.random.Generator,
    scene: Scene,
    songs: Songs,
    *,
    shown: str,
    reference_kind: str,
    order: Sequence[str] = STEMS,
) -> Example:
    """The example of a given scene, in a random wording; the finding lists the stems in the prompt's order."""
    wording = int(rng.integers(WORDINGS))
    prompt = advice_prompt(shown, reference_kind=reference_kind, wording=wording, stems=order)
    advice = write(scene.correction, register="terse", seed=wording).advice
    finding = finding_of_scene(rng, scene, paired=has_reference(shown, reference_kind), shown=shown, order=order)
    return question_and_answer(prompt.text, answer_text(finding, advice), scene_clips(scene, prompt.clips, songs))


def finding_of_scene(
    rng: np.random.Generator, scene: Scene, *, paired: bool, shown: str, order: Sequence[str] = STEMS
) -> str:
    """The finding a model is taught; only what can be heard pair by pair is worked out in writing."""
    if not paired or shown != "stems_ref":
        return finding_text(_ordered(scene.differences_db, order), stems=order)
    heard_db = heard_differences_db(rng, scene)
    return finding_text(
        _ordered(scene.differences_db, order),
        heard_db=_ordered(heard_db, order),
        overall_db=scene.overall_db,
        stems=order,
    )


def _ordered(values_db: Sequence[float], order: Sequence[str]) -> list[float]:
    return [values_db[STEMS.index(stem)] for stem in order]
