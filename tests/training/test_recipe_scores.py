"""Shipped adapters on a file of recipes: who is asked about what, and that no evaluation is lost."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from datagen.recipe_table import read_recipes
from tests.datagen.making_recipes import build_recipes, write_songs
from training.card_sections import real_songs_section
from training.recipe_reader import TripletReader
from training.recipe_scores import REAL_SONGS_FILE, keep_evaluation, recipe_example, score_recipes
from training.score_commands import adapter_conditions
from training.ship import SHIPPED_FOLDER
from training.tiny_base import Base


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recipes")
    return build_recipes(folder / "r.parquet", write_songs(folder / "songs"), count=20)


def test_every_condition_is_asked_about_the_recipes_that_fit_it(file: Path) -> None:
    kinds = Counter(recipe.reference_kind for recipe in read_recipes(file))
    scores = score_recipes(file, adapter_conditions(["stems_ref"]), weights=SHIPPED_FOLDER, log=lambda _: None)
    items = {row["reference_kind"]: row["items"] for row in scores["rows"]}
    assert items == {**kinds, "none": 20}
    assert all(row["tracks"] <= 2 for row in scores["rows"])


def test_a_louder_reference_is_heard_as_louder(file: Path, small_base: Base) -> None:
    reader = TripletReader(file, sample_rate=small_base.features.sample_rate)
    place = next(k for k, recipe in enumerate(read_recipes(file)) if recipe.reference_kind == "same_passage")
    condition = adapter_conditions(["stems_ref"])[0]
    triplet = reader.at(place)
    clips = recipe_example(triplet, condition, small_base.features, place=place).clips
    recipe = triplet.recipe
    for stem, name in enumerate(triplet.names):
        heard = 40 * float(np.median(clips[2 * stem] - clips[2 * stem + 1]))
        made = recipe.disturbance_db.get(name, 0.0) + recipe.problem_level_db - recipe.reference_level_db
        assert heard == pytest.approx(made, abs=0.05)


def test_evaluations_are_added_and_none_is_replaced(tmp_path: Path) -> None:
    about = {"recipes": "r.parquet", "tracks": ["A song (CC BY 4.0)"], "rows": []}
    for day in ("2026-01-01 10:00", "2026-01-02 10:00"):
        keep_evaluation({**about, "when": day}, tmp_path)
    kept = json.loads((tmp_path / REAL_SONGS_FILE).read_text(encoding="utf-8"))
    assert [each["when"] for each in kept["evaluations"]] == ["2026-01-01 10:00", "2026-01-02 10:00"]
    assert real_songs_section(kept).count("A song (CC BY 4.0)") == 2


def test_controls_and_sampled_answers_are_left_out() -> None:
    chosen = adapter_conditions(None)
    assert {condition.control for condition in chosen} == {""}
    assert {condition.decoding for condition in chosen} == {"greedy"}
    assert "mix_ref" in {condition.system for condition in chosen}
