"""The settings file of `python -m datagen build`: which tracks, which windows, which recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.generator.keys import SPLITS
from datagen.loudness import HOP_S
from datagen.recipe_settings import RecipeSettings, RecipeSettingsError, check_settings
from datagen.sources.registry import LAYOUTS

_KEYS = {"seed", "count", "excerpt_length_s", "hop_s", "sources", "recipes"}
PATH_SPLITS = ("train", "validation", "test")
_SOURCE_KEYS = {"procedural", "path", "split", "songs", "layout"}


@dataclass(frozen=True)
class TrackChoice:
    """Tracks of one source: generated songs of a split, or a path of files with an optional split."""

    path: str = ""
    """Empty for generated songs."""
    split: str = ""
    """Empty for all splits of a path."""
    songs: int = 0
    """Number of generated songs."""
    layout: str = ""
    """Name of a path's layout, where more than one fits; empty to recognise it."""


@dataclass(frozen=True)
class BuildSettings:
    """Everything a file of recipes is made from."""

    seed: int
    count: int
    sources: tuple[TrackChoice, ...]
    recipes: RecipeSettings
    excerpt_length_s: float = 20.0
    hop_s: float = 1.0


def check_build_settings(mapping: Mapping[str, Any]) -> BuildSettings:
    """Settings from a parsed YAML file. Raises RecipeSettingsError naming every mistake of the file."""
    if not isinstance(mapping, Mapping):
        raise RecipeSettingsError(
            [f"the file holds {type(mapping).__name__}, expected keys {', '.join(sorted(_KEYS))}"]
        )
    problems = [
        f"unknown key {key}, expected some of {', '.join(sorted(_KEYS))}" for key in mapping if key not in _KEYS
    ]
    seed = _whole(mapping, "seed", 0, problems)
    count = _whole(mapping, "count", 1, problems)
    length_s = _seconds(mapping.get("excerpt_length_s", 20.0), "excerpt_length_s", 4.0, problems)
    hop_s = _seconds(mapping.get("hop_s", 1.0), "hop_s", HOP_S, problems)
    if abs(hop_s / HOP_S - round(hop_s / HOP_S)) > 1e-9:
        problems.append(f"hop_s is {hop_s}, expected a multiple of {HOP_S} seconds")
    sources = _sources(mapping.get("sources"), problems)
    recipes = RecipeSettings()
    try:
        given = mapping.get("recipes", {})
        recipes = check_settings(given if isinstance(given, Mapping) else {"recipes": given})
    except RecipeSettingsError as error:
        problems.extend(f"recipes: {problem}" for problem in error.problems)
    if problems:
        raise RecipeSettingsError(problems)
    return BuildSettings(seed, count, sources, recipes, length_s, hop_s)


def _sources(value: object, problems: list[str]) -> tuple[TrackChoice, ...]:
    if not isinstance(value, list) or not value:
        problems.append("sources must be a list, for example [{procedural: train, songs: 200}, {path: /data/musdb18}]")
        return ()
    return tuple(_source(entry, f"sources[{place}]", problems) for place, entry in enumerate(value))


def _source(entry: object, where: str, problems: list[str]) -> TrackChoice:
    if not isinstance(entry, Mapping) or ("procedural" in entry) == ("path" in entry):
        problems.append(f"{where} must have either procedural: SPLIT or path: FOLDER")
        return TrackChoice()
    problems.extend(f"{where}: unknown key {key}" for key in entry if key not in _SOURCE_KEYS)
    if "path" in entry:
        return _path_choice(entry, where, problems)
    problems.extend(
        f"{where}: {key} belongs to a path; generated songs take procedural and songs"
        for key in ("split", "layout")
        if key in entry
    )
    if entry["procedural"] not in SPLITS:
        problems.append(f"{where}: procedural is {entry['procedural']!r}, expected one of {', '.join(SPLITS)}")
    return TrackChoice(split=str(entry["procedural"]), songs=_whole(entry, "songs", 1, problems, where=f"{where}: "))


def _path_choice(entry: Mapping[str, Any], where: str, problems: list[str]) -> TrackChoice:
    path, split, layout = entry["path"], entry.get("split", ""), entry.get("layout", "")
    if not isinstance(path, str) or not path:
        problems.append(f"{where}: path is {path!r}, expected the text of a path")
    if split not in ("", *PATH_SPLITS):
        problems.append(f"{where}: split is {split!r}, expected one of {', '.join(PATH_SPLITS)}")
    if layout not in ("", *LAYOUTS):
        problems.append(f"{where}: layout is {layout!r}, expected one of {', '.join(LAYOUTS)}")
    if "songs" in entry:
        problems.append(f"{where}: songs counts generated songs; a path takes all tracks of its split")
    return TrackChoice(path=str(path), split=str(split), layout=str(layout))


def _whole(mapping: Mapping[str, Any], name: str, least: int, problems: list[str], *, where: str = "") -> int:
    value = mapping.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        problems.append(f"{where}{name} is {value!r}, expected a whole number of at least {least}")
        return least
    return value


def _seconds(value: object, name: str, least: float, problems: list[str]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= 600.0:
        problems.append(f"{name} is {value!r}, expected {least:g} to 600 seconds")
        return least
    return float(value)
