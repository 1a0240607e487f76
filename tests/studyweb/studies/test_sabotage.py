"""The sabotaged system makes things worse, in words like any other's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.corrections import canonical_correction, residual_imbalance_db
from datagen.disturbances import DisturbanceSettings, draw_disturbance
from datagen.explanations import read
from datagen.recipes import Recipe
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import STEMS, changes_from_mapping
from studyweb.studies.sabotage import sabotaged_advice, sabotaged_changes

RECIPE = Recipe(
    excerpt=ExcerptRef(TrackRef("procedural", "study-00001"), 0, 100, 44_100),
    audible=STEMS,
    disturbance_db={"vocals": 6.0},
    reference_kind="none",
    reference_excerpt=None,
    reference_gains_db={},
    problem_level_db=0.0,
    reference_level_db=0.0,
    seed=3,
    template_seed=5,
    register="terse",
    brief="",
)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    disturbance = draw_disturbance(generator, STEMS, DisturbanceSettings(clean_share=draw(st.sampled_from([0.0, 1.0]))))
    seeds = st.integers(0, 2**31)
    return replace(RECIPE, disturbance_db=disturbance, seed=draw(seeds), template_seed=draw(seeds))


def test_it_moves_the_loud_stem_further_up() -> None:
    assert sabotaged_changes(RECIPE) == changes_from_mapping({"vocals": 6.0})


@settings(deadline=None)  # the first text loads the word lists
@given(recipes())
def test_following_it_leaves_the_mix_worse(recipe: Recipe) -> None:
    before = residual_imbalance_db(recipe.disturbance_db, (), STEMS)
    after = residual_imbalance_db(recipe.disturbance_db, sabotaged_changes(recipe), STEMS)
    assert after > before + 0.1


@settings(deadline=None)  # the first text loads the word lists
@given(recipes())
def test_its_text_says_what_it_does_and_never_mentions_a_reference(recipe: Recipe) -> None:
    advice = sabotaged_advice(recipe)
    assert read(advice.text).changes == sabotaged_changes(recipe)
    assert "reference" not in advice.text.lower()


def test_it_is_never_the_correction() -> None:
    assert sabotaged_changes(RECIPE) != canonical_correction(RECIPE.disturbance_db, STEMS)
