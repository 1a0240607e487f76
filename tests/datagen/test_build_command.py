"""build and verify on the real song: from a settings file to a file of recipes whose labels the oracle gives back."""

from __future__ import annotations

import pytest

from datagen.__main__ import main
from datagen.build_settings import check_build_settings
from datagen.gate import pass_gate
from datagen.recipe_table import read_info, read_recipes

SETTINGS = """
seed: 4
count: 60
excerpt_length_s: 4
hop_s: 0.5
sources: [{{path: "{path}"}}]
recipes:
  reference_kinds: {{same_passage: 1, none: 1}}
"""


@pytest.fixture
def built(tmp_path, falcon):
    (tmp_path / "s.yaml").write_text(SETTINGS.format(path=falcon))
    assert main(["build", str(tmp_path / "s.yaml"), str(tmp_path / "r.parquet")]) == 0
    return tmp_path / "r.parquet"


def test_oracle_gives_every_label_of_the_real_song_back(built, capsys):
    assert main(["verify", str(built)]) == 0
    assert "wrong labels: 0" in capsys.readouterr().out


def test_file_keeps_licence_hash_and_settings_of_its_tracks(built):
    info = read_info(built)
    (about,) = info.tracks.values()

    assert len(about["source_sha256"]) == 64
    assert about["licence"]
    assert about["may_publish"] is False
    assert info.config["excerpt_length_s"] == 4.0


def test_recipes_point_into_the_song(built, falcon):
    for recipe in read_recipes(built):
        assert recipe.excerpt.track.key == "The Easton Ellises - Falcon 69"
        assert recipe.excerpt.length_samples == 4 * recipe.excerpt.sample_rate


def test_mistakes_of_a_settings_file_are_one_message(tmp_path, capsys):
    (tmp_path / "s.yaml").write_text("count: 0\nsources: []\n")
    assert main(["build", str(tmp_path / "s.yaml"), str(tmp_path / "r.parquet")]) == 2
    assert "seed is None" in capsys.readouterr().err
    assert not (tmp_path / "r.parquet").exists()


def test_path_without_the_split_is_named(falcon):
    settings = check_build_settings(
        {"seed": 1, "count": 1, "sources": [{"path": str(falcon), "split": "moon"}], "excerpt_length_s": 4}
    )
    with pytest.raises(ValueError, match="no track of split 'moon'"):
        pass_gate(settings)
