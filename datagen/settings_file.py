"""The settings a file of recipes was built from, written again as the YAML file that builds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


class _FlatLists(yaml.SafeDumper):
    """Lists of numbers stand in one line."""


def _number_list(dumper: yaml.SafeDumper, data: list[Any]) -> yaml.Node:
    flat = not any(isinstance(item, dict) for item in data)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=flat)


_FlatLists.add_representer(list, _number_list)


def settings_yaml(config: Mapping[str, Any]) -> str:
    """A recipe file's `config` as a settings file of `python -m datagen build` that gives the same recipes again."""
    settings = dict(config)
    if "sources" in settings:
        settings["sources"] = [_source(entry) for entry in settings["sources"]]
    if "recipes" in settings:
        recipes = dict(settings["recipes"])
        recipes["reference_kinds"] = dict(recipes["reference_kinds"])
        settings["recipes"] = recipes
    text: str = yaml.dump(settings, Dumper=_FlatLists, sort_keys=False, width=88, allow_unicode=True)
    return text


def _source(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry["path"]:
        return {"path": entry["path"], **({"split": entry["split"]} if entry["split"] else {})}
    return {"procedural": entry["split"], "songs": entry["songs"]}
