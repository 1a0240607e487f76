"""Recipes: the same for the same seed and position, plain data, right about their own references."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from datagen.candidates import Candidate, CandidatePool
from datagen.corrections import is_unique
from datagen.recipe_settings import RecipeSettings, RecipeSettingsError, check_settings
from datagen.recipes import correction_of, draw_recipe, recipe_from_json, recipe_to_json
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import REFERENCE_KINDS, STEMS, mapping_from_changes

ALL_KINDS = check_settings({"reference_kinds": dict.fromkeys(REFERENCE_KINDS, 1)})
RATE = 8000


def candidate(key: str, start_s: int, genre: str = "rock") -> Candidate:
    excerpt = ExcerptRef(TrackRef("procedural", key), start_s * RATE, 20 * RATE, RATE)
    return Candidate(excerpt, STEMS, genre, "chorus", "vocals")


POOL = CandidatePool(
    (
        *(candidate("train-1", start_s) for start_s in (0, 10, 20, 40)),
        *(candidate("train-2", start_s) for start_s in (0, 30)),
        candidate("train-3", 0, genre="jazz"),
    )
)


def draw(n, settings=ALL_KINDS, pool=POOL, seed=7):
    return [draw_recipe(seed, index, pool=pool, settings=settings) for index in range(n)]


def test_same_seed_and_position_give_the_same_recipe_in_any_order():
    assert [draw_recipe(7, index, pool=POOL, settings=ALL_KINDS) for index in reversed(range(20))] == draw(20)[::-1]


def test_other_seeds_give_other_recipes():
    assert draw(20, seed=7) != draw(20, seed=8)


def test_recipe_survives_json():
    for recipe in draw(50):
        assert recipe_from_json(json.loads(json.dumps(recipe_to_json(recipe)))) == recipe


def test_label_undoes_the_disturbance_and_is_unique():
    for recipe in draw(200):
        assert is_unique(recipe.disturbance_db, recipe.audible)
        undone = {stem: -gain_db for stem, gain_db in recipe.disturbance_db.items()}
        assert mapping_from_changes(correction_of(recipe)) == undone


def test_reference_is_what_its_kind_says():
    genres = {c.excerpt.track: c.genre for c in POOL.candidates}
    for recipe in draw(300):
        mine, other = recipe.excerpt, recipe.reference_excerpt
        if recipe.reference_kind == "none":
            assert other is None
            continue
        assert other is not None
        if recipe.reference_kind in ("same_passage", "previous_version"):
            assert other == mine
        elif recipe.reference_kind == "other_passage":
            assert other.track == mine.track
            assert abs(other.start_samples - mine.start_samples) >= mine.length_samples
        else:
            assert other.track != mine.track
            assert genres[other.track] == genres[mine.track]


def test_all_reference_kinds_are_drawn():
    assert {recipe.reference_kind for recipe in draw(200)} == set(REFERENCE_KINDS)


def test_only_a_previous_version_has_another_balance_and_a_small_one():
    for recipe in draw(300):
        assert (recipe.reference_kind == "previous_version") or recipe.reference_gains_db == {}
        assert all(0.0 < abs(gain_db) <= 1.5 for gain_db in recipe.reference_gains_db.values())
    assert any(recipe.reference_gains_db for recipe in draw(300))


def test_common_levels_are_independent_and_on_a_tenth_of_a_db():
    recipes = draw(400)
    levels_db = [level_db for r in recipes for level_db in (r.problem_level_db, r.reference_level_db)]

    assert all(-6.0 <= level_db <= 6.0 and round(level_db, 1) == level_db for level_db in levels_db)
    alike = sum(r.problem_level_db * r.reference_level_db > 0.0 for r in recipes)
    assert 150 < alike < 250


def test_tracks_are_drawn_equally_often_however_many_windows_they_have():
    counts = [sum(r.excerpt.track.key == key for r in draw(900)) for key in ("train-1", "train-2", "train-3")]
    assert max(counts) < 1.4 * min(counts)


def test_track_without_the_wanted_reference_is_named():
    alone = CandidatePool((candidate("train-9", 0),))
    with pytest.raises(ValueError, match="train-9 offers none of the reference kinds other_song"):
        draw(1, RecipeSettings(reference_kinds=(("other_song", 1.0),)), alone)


def test_recipe_is_small():
    assert len(json.dumps(recipe_to_json(draw(1)[0]))) < 1000


def test_brief_names_genre_section_and_lead():
    assert all({"rock", "jazz"} & set(r.brief.lower().replace(",", "").split()) for r in draw(20))


def test_missing_settings_take_their_defaults():
    assert check_settings({}) == RecipeSettings()


def test_all_mistakes_in_settings_are_reported_at_once():
    with pytest.raises(RecipeSettingsError) as caught:
        check_settings(
            {
                "clean": 0.5,
                "level_range_db": "six",
                "register": "poetic",
                "reference_kinds": {"same_song": 1},
                "disturbance": {"clean_share": 2, "stems": 1},
            }
        )
    assert len(caught.value.problems) == 6
    for part in ("key clean,", "level_range_db", "poetic", "same_song", "clean_share is 2", "disturbance.stems"):
        assert part in str(caught.value)


def test_pool_without_candidates_is_refused():
    with pytest.raises(ValueError, match="audibility gate"):
        CandidatePool(())


def test_unknown_reference_kind_raises():
    with pytest.raises(ValueError, match="unknown reference kind"):
        POOL.offers(0, "mastered")


def test_inaudible_stems_are_never_disturbed():
    quiet = CandidatePool((replace(candidate("train-1", 0), audible=("drums", "bass", "vocals")),))
    settings = RecipeSettings()
    assert all("other" not in r.disturbance_db for r in draw(100, settings, quiet))
