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


def problems_of(settings):
    with pytest.raises(RecipeSettingsError) as caught:
        check_build_settings({"seed": 1, "count": 1, "sources": [{"procedural": "train", "songs": 1}], **settings})
    return caught.value.problems


@pytest.mark.parametrize("hop_s", [0.25, 0.55, 1.01])
def test_windows_start_on_the_grid_of_loudness_blocks(hop_s):
    (problem,) = problems_of({"hop_s": hop_s})
    assert problem == f"hop_s is {hop_s}, expected a multiple of 0.1 seconds"


def test_every_mistake_of_a_source_is_named():
    sources = [{"path": None}, {"path": "/x", "songs": 3}, {"path": "/x", "split": "moon"}]
    one, two, three = problems_of({"sources": [*sources, {"procedural": "train", "songs": 1}]})
    assert one == "sources[0]: path is None, expected the text of a path"
    assert two == "sources[1]: songs counts generated songs; a path takes all tracks of its split"
    assert three == "sources[2]: split is 'moon', expected one of train, validation, test"


def test_a_split_of_generated_songs_is_not_given_twice():
    (problem,) = problems_of({"sources": [{"procedural": "train", "songs": 1, "split": "test"}]})
    assert problem == "sources[0]: split belongs to a path; generated songs take procedural and songs"


def test_every_mistake_of_the_disturbances_is_named():
    problems = problems_of(
        {
            "recipes": {
                "disturbance": {
                    "clean_share": "lots",
                    "max_stems": True,
                    "magnitudes_db": 3,
                    "up_share": float("nan"),
                    "two_stem_share": 2,
                }
            }
        }
    )
    text = "; ".join(problems)
    for part in (
        "disturbance.clean_share is 'lots', expected a number from 0 to 1",
        "disturbance.max_stems is True, expected 1 or 2",
        "disturbance.magnitudes_db is 3, expected a list of numbers",
        "up_share is nan, expected 0 to 1",
        "two_stem_share is 2, expected 0 to 1",
    ):
        assert part in text


def test_magnitudes_without_weights_are_equally_probable():
    settings = check_build_settings({**GOOD, "recipes": {"disturbance": {"magnitudes_db": [1, 3]}}})
    assert settings.recipes.disturbance.magnitude_weights == (1.0, 1.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[" * 5000, "no valid YAML"),
        ("seed: 1\nseed: 2\n", "seed is given twice"),
        ("seed: 1\nrecipes:\n  register: terse\n  register: neutral\n", "register is given twice"),
        ("seed: \xff", "no valid YAML"),
        ("- a\n- b\n", "holds no mapping"),
    ],
)
def test_file_that_cannot_be_read_as_settings_says_why(tmp_path, content, message):
    (tmp_path / "s.yaml").write_text(content, encoding="latin-1")
    with pytest.raises(ValueError, match=rf"s\.yaml: .*{message}"):
        read_settings(tmp_path / "s.yaml")


def test_an_unknown_layout_is_named_with_the_known_ones():
    entry = {"path": "/data/moises", "layout": "moises_own"}
    with pytest.raises(RecipeSettingsError, match=r"layout is 'moises_own', expected one of .*moisesdb_own"):
        check_build_settings({"seed": 1, "count": 10, "sources": [entry]})
