"""Many recipes at once are number by number the recipes drawn one by one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.candidates import Candidate, CandidatePool
from datagen.pool_arrays import pool_arrays
from datagen.recipe_columns import draw_columns
from datagen.recipe_settings import RecipeSettings, check_settings
from datagen.recipes import draw_recipe
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import REFERENCE_KINDS, STEMS

RATE = 8000
AUDIBLE = (STEMS, STEMS[:3], STEMS[1:], STEMS[:2])
ALL_KINDS = check_settings({"reference_kinds": {kind: 1 + place for place, kind in enumerate(REFERENCE_KINDS)}})


@st.composite
def pools(draw):
    """Songs of three genres with any windows, any audible stems, in any order."""
    candidates = []
    for song in range(draw(st.integers(1, 6))):
        genre = draw(st.sampled_from(["rock", "jazz", "pop"]))
        for start_s in draw(st.lists(st.integers(0, 60), min_size=1, max_size=8, unique=True)):
            excerpt = ExcerptRef(TrackRef("procedural", f"song-{song}"), start_s * RATE, 20 * RATE, RATE)
            candidates.append(Candidate(excerpt, draw(st.sampled_from(AUDIBLE)), genre))
    return CandidatePool(tuple(draw(st.permutations(candidates))))


@settings(max_examples=40, deadline=None)
@given(pools(), st.integers(0, 1000), st.integers(0, 100))
def test_columns_hold_the_same_recipes(pool, seed, start):
    columns = draw_columns(seed, start, 50, pool=pool, arrays=pool_arrays(pool), settings=ALL_KINDS, stems=STEMS)
    for place in range(50):
        recipe = draw_recipe(seed, start + place, pool=pool, settings=ALL_KINDS)
        reference = int(columns.reference_row[place])
        assert pool.candidates[columns.row[place]].excerpt == recipe.excerpt
        assert (None if reference < 0 else pool.candidates[reference].excerpt) == recipe.reference_excerpt
        assert REFERENCE_KINDS[columns.kind[place]] == recipe.reference_kind
        assert as_gains(columns.disturbance_db[place]) == recipe.disturbance_db
        assert as_gains(columns.reference_gains_db[place]) == recipe.reference_gains_db
        assert columns.problem_level_db[place] == recipe.problem_level_db
        assert columns.reference_level_db[place] == recipe.reference_level_db
        assert (columns.seed[place], columns.template_seed[place]) == (recipe.seed, recipe.template_seed)


def as_gains(row):
    return {stem: gain_db for stem, gain_db in zip(STEMS, row, strict=True) if gain_db}


def test_excerpts_without_the_wanted_reference_are_counted():
    excerpt = ExcerptRef(TrackRef("procedural", "song-1"), 0, 20 * RATE, RATE)
    pool = CandidatePool((Candidate(excerpt, STEMS, "rock"),))
    wanted = RecipeSettings(reference_kinds=(("other_song", 1.0),))
    with pytest.raises(ValueError, match="10 excerpts offer none of the reference kinds other_song"):
        draw_columns(1, 0, 10, pool=pool, arrays=pool_arrays(pool), settings=wanted, stems=STEMS)


def test_windows_of_one_track_share_a_length():
    ref = TrackRef("procedural", "song-1")
    mixed = tuple(Candidate(ExcerptRef(ref, 0, length, RATE), STEMS) for length in (RATE, 2 * RATE))
    with pytest.raises(ValueError, match="one length"):
        CandidatePool(mixed)
