"""Settings written again as the file that builds them."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
import yaml

from datagen.build_settings import check_build_settings
from datagen.settings_file import settings_yaml

SOURCES = ([{"procedural": "train", "songs": 3}], [{"path": "/data/musdb18", "split": "test"}, {"path": "/data/own"}])


@pytest.mark.parametrize("sources", SOURCES)
def test_the_written_file_gives_the_same_settings_again(sources):
    recipes = {
        "reference_kinds": {"other_song": 2, "none": 1},
        "disturbance": {"magnitudes_db": [1, 3], "magnitude_weights": [1, 2]},
    }
    settings = check_build_settings({"seed": 4, "count": 9, "sources": sources, "recipes": recipes})
    config = json.loads(json.dumps(asdict(settings), sort_keys=True))

    assert check_build_settings(yaml.safe_load(settings_yaml(config))) == settings


def test_settings_without_sources_are_written_as_they_are():
    assert yaml.safe_load(settings_yaml({"seed": 3})) == {"seed": 3}
