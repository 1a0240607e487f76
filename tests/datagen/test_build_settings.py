"""The settings file of a build: every mistake at once."""

from __future__ import annotations

import pytest

from datagen.build_settings import TrackChoice, check_build_settings
from datagen.commands.build import read_settings
from datagen.recipe_settings import RecipeSettings, RecipeSettingsError

GOOD = {"seed": 1, "count": 10, "sources": [{"procedural": "train", "songs": 2}, {"path": "/data", "split": "test"}]}


def test_good_settings_are_taken_over():
    settings = check_build_settings(GOOD)

    assert settings.sources == (TrackChoice(split="train", songs=2), TrackChoice(path="/data", split="test"))
    assert (settings.seed, settings.count, settings.recipes) == (1, 10, RecipeSettings())


def test_all_mistakes_are_reported_at_once():
    with pytest.raises(RecipeSettingsError) as caught:
        check_build_settings(
            {
                "count": 0,
                "colour": "red",
                "excerpt_length_s": 1,
                "sources": [{"procedural": "holdout", "songs": True}, {"folder": "x"}],
                "recipes": {"register": "poetic"},
            }
        )
    text = str(caught.value)
    for part in ("seed is None", "count is 0", "key colour", "excerpt_length_s", "'holdout'", "songs is True"):
        assert part in text
    assert "sources[1] must have" in text
    assert "recipes: register is 'poetic'" in text


@pytest.mark.parametrize("content", ["- a\n- b\n", "seed: [1\n"])
def test_file_that_is_no_mapping_is_named(tmp_path, content):
    (tmp_path / "s.yaml").write_text(content)
    with pytest.raises(ValueError):
        read_settings(tmp_path / "s.yaml")


def test_count_and_seed_can_be_given_on_the_command_line(tmp_path):
    (tmp_path / "s.yaml").write_text("sources: [{procedural: train, songs: 1}]\n")
    settings = read_settings(tmp_path / "s.yaml", count=3, seed=9)
    assert (settings.count, settings.seed) == (3, 9)
