"""docs/make-training-data.md: its settings are accepted, its keys are all there are, its Python runs."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from datagen.build_settings import BuildSettings, check_build_settings
from datagen.commands import COMMANDS
from datagen.disturbances import DisturbanceSettings
from datagen.recipe_settings import RecipeSettings
from datagen.sources import recognise
from tests.datagen.making_recipes import build_recipes, write_songs
from tests.datagen.making_stems import four_stems, write_song_wavs

GUIDE = (Path(__file__).parents[2] / "docs" / "make-training-data.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_settings_of_the_guide_are_accepted() -> None:
    settings = check_build_settings(yaml.safe_load(blocks("yaml")[1]))
    assert (settings.seed, settings.count, len(settings.recipes.reference_kinds)) == (1, 200, 5)


def test_every_key_is_explained() -> None:
    keys = [each.name for each in fields(BuildSettings) if each.name != "recipes"]
    keys += [f"recipes.{each.name}" for each in fields(RecipeSettings) if each.name != "disturbance"]
    keys += [f"recipes.disturbance.{each.name}" for each in fields(DisturbanceSettings)]
    explained = re.findall(r"^\| \**`([a-z_.]+)`", GUIDE, re.MULTILINE)
    assert sorted(explained) == sorted(keys)


def test_every_command_is_shown() -> None:
    shown = set(re.findall(r"^python -m datagen (\w+)", GUIDE, re.MULTILINE))
    assert shown == {command.name for command in COMMANDS}


def test_stems_yaml_of_the_guide_reads_a_folder(tmp_path: Path) -> None:
    names = {"drums": "Kick 1", "bass": "Bass DI", "other": "EL GTR left", "vocals": "Vox lead"}
    stems = four_stems()
    write_song_wavs(tmp_path / "A song", {names[stem]: audio for stem, audio in stems.items()}, mixture=False)
    (tmp_path / "stems.yaml").write_text(blocks("yaml")[0])
    (track,) = recognise(tmp_path).tracks()
    assert (track.key, track.licence, track.may_serve, track.may_publish) == ("A song", "CC BY 4.0", True, False)


def test_triplets_are_iterated_as_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_recipes(tmp_path / "recipes.parquet", write_songs(tmp_path / "songs"), count=200)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(blocks("python")[1], "guide", "exec"), names)  # the guide's own lines are what is tested
    triplet = names["triplet"]
    assert triplet.problem.stems.shape == (4, 2, 64_000)
    assert triplet.measures["vocals"].audible
