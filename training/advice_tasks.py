"""Examples of the adapters' task: a prompt that asks for advice, answered with finding and advice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from datagen.explanations import write
from training.examples import Example, question_and_answer
from training.prompts import advice_prompt, answer_text, finding_list, has_reference
from training.scenes import Scene, SceneSettings, draw_scene, scene_clips
from training.songs_cache import Songs
from training.tokenizer import WORDINGS


def draw_kind(rng: np.random.Generator, shares: Mapping[str, float]) -> str:
    """A reference kind drawn by its share: reference dropout is the share of `none`."""
    kinds = list(shares)
    weights = np.array([shares[kind] for kind in kinds])
    return str(rng.choice(kinds, p=weights / weights.sum()))


def advice_example(
    rng: np.random.Generator, songs: Songs, *, shown: str, kinds: Mapping[str, float], settings: SceneSettings
) -> Example:
    """One random example for a system that is shown `shown`."""
    kind = draw_kind(rng, kinds)
    scene = draw_scene(rng, songs, reference_kind=kind, settings=settings)
    return example_of_scene(scene, songs, shown=shown, reference_kind=kind, wording=int(rng.integers(WORDINGS)))


def example_of_scene(scene: Scene, songs: Songs, *, shown: str, reference_kind: str, wording: int) -> Example:
    """The example of a given scene and wording."""
    prompt = advice_prompt(shown, reference_kind=reference_kind, wording=wording)
    overall = scene.overall_db if has_reference(shown, reference_kind) else None
    finding = finding_list(scene.differences_db, overall_db=overall)
    advice = write(scene.correction, register="terse", seed=wording).advice
    return question_and_answer(prompt.text, answer_text(finding, advice), scene_clips(scene, prompt.clips, songs))
