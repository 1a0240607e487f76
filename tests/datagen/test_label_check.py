"""Labels are checked by the oracle and texts by the reader, and a wrong one is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from datagen.candidates import Candidate, CandidatePool
from datagen.label_check import check_recipes, oracle_label, wrong_reason
from datagen.recipe_settings import check_settings
from datagen.recipes import correction_of, draw_recipe
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import STEMS
from tests.datagen.making_stems import RATE, four_stems

EXCERPT = ExcerptRef(TrackRef("procedural", "test-00000"), 10 * RATE, 4 * RATE, RATE)
SETTINGS = check_settings({"reference_kinds": {"same_passage": 1, "previous_version": 1, "none": 1}})


def draw(count, audible=STEMS):
    pool = CandidatePool((Candidate(EXCERPT, audible, "rock", "chorus", "vocals"),))
    return [draw_recipe(11, index, pool=pool, settings=SETTINGS) for index in range(count)]


@pytest.fixture(scope="module")
def stems():
    return np.stack(list(four_stems(seconds=1.0).values()))


def test_right_labels_pass(stems):
    assert [wrong_reason(recipe, stems, names=STEMS) for recipe in draw(60)] == [""] * 60


def test_oracle_hears_what_the_recipe_did(stems):
    for recipe in draw(30):
        assert oracle_label(recipe, stems, names=STEMS) == correction_of(recipe)


def test_ambiguous_disturbance_is_found(stems):
    recipe = replace(draw(1)[0], disturbance_db={"drums": 3.0, "bass": 3.0})
    assert "more than one explanation" in wrong_reason(recipe, stems, names=STEMS)


def test_silent_stem_that_a_recipe_calls_audible_is_found(stems):
    silent_drums = stems * np.array([0.0, 1.0, 1.0, 1.0], dtype=np.float32)[:, None, None]
    assert "drums: the reference is silent" in wrong_reason(draw(1)[0], silent_drums, names=STEMS)


def test_label_off_the_grid_is_found(stems):
    recipe = replace(draw(1)[0], disturbance_db={"drums": 3.2})
    assert "the oracle found drums -3 dB" in wrong_reason(recipe, stems, names=STEMS)


def test_recipes_are_checked_on_the_audio_of_their_excerpts():
    result = check_recipes(draw(20))
    assert (result.recipes, result.excerpts, result.wrong) == (20, 1, ())
