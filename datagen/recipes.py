"""A recipe is a triplet as data: where to read, what to change, what to compare with. No audio, a few dozen bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from datagen.briefs import write_brief
from datagen.candidates import Candidate, CandidatePool
from datagen.corrections import canonical_correction
from datagen.counter_random import raw_words, uniforms_of
from datagen.disturbances import N_UNIFORMS, disturbance_from_uniforms
from datagen.recipe_settings import RecipeSettings
from datagen.requests import ExcerptRef, excerpt_from_json
from datagen.words import Changes, ReferenceKind, Register

N_WORDS = 16
"""64-bit random words one recipe may use."""


class Word(IntEnum):
    """What each of a recipe's random words is for."""

    TRACK = 0
    WINDOW = 1
    KIND = 2
    REFERENCE = 3
    PROBLEM_LEVEL = 4
    REFERENCE_LEVEL = 5
    PREVIOUS = 6
    SEED = 7
    TEMPLATE = 8
    DISTURBANCE = 9
    """The first of four."""


LEVEL_GRID_DB = 0.1
"""Common levels are multiples of this."""

PREVIOUS_GRID_DB = 0.5
"""Balance differences of a previous version are multiples of this."""


@dataclass(frozen=True)
class Recipe:
    """Everything a triplet is made from; gains and levels in dB."""

    excerpt: ExcerptRef
    audible: tuple[str, ...]
    """Stems that can be heard in the excerpt, in the source's order: only these are changed or advised on."""
    disturbance_db: dict[str, float]
    reference_kind: ReferenceKind
    reference_excerpt: ExcerptRef | None
    """None for reference kind `none`."""
    reference_gains_db: dict[str, float]
    """Small balance differences of a `previous_version`; empty for every other kind."""
    problem_level_db: float
    reference_level_db: float
    seed: int
    """For whoever needs more randomness about this recipe, for example the order of stems."""
    template_seed: int
    register: Register
    brief: str


def draw_recipe(seed: int, index: int, *, pool: CandidatePool, settings: RecipeSettings) -> Recipe:
    """Recipe number `index` of the endless list that `seed` stands for.

    Depends on nothing but its arguments, so recipes can be drawn in any order and in parallel. Raises ValueError for
    a negative index, and where no reference kind of the settings is possible for the excerpt drawn.
    """
    words = raw_words(stream_name(seed), index, 1, words_each=N_WORDS)[0]
    uniforms = uniforms_of(words)
    row = pool.draw(float(uniforms[Word.TRACK]), float(uniforms[Word.WINDOW]))
    candidate = pool.candidates[row]
    kind = _draw_kind(float(uniforms[Word.KIND]), pool=pool, row=row, settings=settings)
    template_seed = int(words[Word.TEMPLATE] >> np.uint64(32))
    return Recipe(
        excerpt=candidate.excerpt,
        audible=candidate.audible,
        disturbance_db=disturbance_from_uniforms(
            uniforms[Word.DISTURBANCE : Word.DISTURBANCE + N_UNIFORMS], candidate.audible, settings.disturbance
        ),
        reference_kind=kind,
        reference_excerpt=_reference(float(uniforms[Word.REFERENCE]), kind=kind, pool=pool, row=row),
        reference_gains_db=_previous_gains(float(uniforms[Word.PREVIOUS]), kind, candidate.audible, settings=settings),
        problem_level_db=_level_db(float(uniforms[Word.PROBLEM_LEVEL]), settings),
        reference_level_db=_level_db(float(uniforms[Word.REFERENCE_LEVEL]), settings),
        seed=int(words[Word.SEED] >> np.uint64(32)),
        template_seed=template_seed,
        register=settings.register,
        brief=brief_of(candidate, template_seed),
    )


def stream_name(seed: int) -> str:
    """The name of the random numbers that a seed's recipes are drawn from."""
    return f"recipes {seed}"


def correction_of(recipe: Recipe) -> Changes:
    """The label: the canonical gain changes that undo the recipe's disturbance."""
    return canonical_correction(recipe.disturbance_db, recipe.audible)


def brief_of(candidate: Candidate, template_seed: int) -> str:
    """The brief of a candidate excerpt."""
    return write_brief(candidate.genre, candidate.section, candidate.lead, template_seed)


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """The recipe as plain JSON data; recipe_from_json is the inverse."""
    return {**asdict(recipe), "audible": list(recipe.audible)}


def recipe_from_json(data: Mapping[str, Any]) -> Recipe:
    """The recipe that recipe_to_json wrote. Raises TypeError for missing or unknown fields."""
    reference = data["reference_excerpt"]
    return Recipe(
        **{
            **data,
            "excerpt": excerpt_from_json(data["excerpt"]),
            "audible": tuple(data["audible"]),
            "reference_excerpt": excerpt_from_json(reference) if reference else None,
        }
    )


def _draw_kind(uniform: float, *, pool: CandidatePool, row: int, settings: RecipeSettings) -> ReferenceKind:
    possible = [(kind, weight) for kind, weight in settings.reference_kinds if pool.offers(row, kind)]
    if not possible:
        wanted = ", ".join(kind for kind, _ in settings.reference_kinds)
        raise ValueError(f"{pool.candidates[row].excerpt.track.key} offers none of the reference kinds {wanted}")
    cumulative = np.cumsum([weight for _, weight in possible])
    place = int(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"))
    return cast(ReferenceKind, possible[place][0])


def _reference(uniform: float, *, kind: ReferenceKind, pool: CandidatePool, row: int) -> ExcerptRef | None:
    if kind == "none":
        return None
    if kind in ("same_passage", "previous_version"):
        return pool.candidates[row].excerpt
    choices: npt.NDArray[np.int64] = pool.other_passages(row) if kind == "other_passage" else pool.other_songs(row)
    return pool.candidates[int(choices[int(uniform * len(choices))])].excerpt


def _previous_gains(
    uniform: float, kind: ReferenceKind, audible: tuple[str, ...], *, settings: RecipeSettings
) -> dict[str, float]:
    if kind != "previous_version":
        return {}
    gains_db = {}
    n_steps = round(settings.previous_version_max_db / PREVIOUS_GRID_DB)
    for stem in audible:
        # One number gives every stem's gain, digit by digit: no stem count has to be fixed beforehand.
        uniform *= 2 * n_steps + 1
        digit = int(uniform)
        uniform -= digit
        if digit != n_steps:
            gains_db[stem] = (digit - n_steps) * PREVIOUS_GRID_DB
    return gains_db


def _level_db(uniform: float, settings: RecipeSettings) -> float:
    n_steps = round(settings.level_range_db / LEVEL_GRID_DB)
    return (int(uniform * (2 * n_steps + 1)) - n_steps) / 10.0
