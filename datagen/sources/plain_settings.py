"""The stems.yaml of a plain folder, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from datagen.sources.track import SourceError
from datagen.sources.yaml_file import read_yaml_mapping
from datagen.words import STEMS

SETTINGS_FILE = "stems.yaml"
SPLITS = ("", "train", "validation", "test")
TEXTS = ("artist", "genre", "licence", "attribution")
PERMISSIONS = ("may_serve", "may_publish")
STEM_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True)
class PlainSettings:
    """What a stems.yaml says."""

    patterns: Mapping[str, tuple[str, ...]]
    """{stem: file name patterns in small letters}."""
    ignored: tuple[str, ...]
    artist: str = ""
    genre: str = ""
    licence: str = "unknown"
    attribution: str = ""
    split: str = ""
    may_serve: bool = False
    may_publish: bool = False

    @property
    def stems(self) -> tuple[str, ...]:
        """MUSDB18's four when no other stem is named, else the file's own, in its order."""
        return STEMS if set(self.patterns) <= set(STEMS) else tuple(self.patterns)


def read_settings(path: Path) -> PlainSettings:
    """The settings in a stems.yaml. Raises SourceError that lists every mistake."""
    data = read_yaml_mapping(path, unique_keys=True)
    known = {"stems", "ignore", "split", *TEXTS, *PERMISSIONS}
    problems = [f"unknown setting {key!r}" for key in data if key not in known]
    patterns = _stem_patterns(data.get("stems"), problems)
    ignored = _patterns(data.get("ignore", []), "ignore", problems)
    texts = {key: data[key] for key in TEXTS if key in data}
    problems += [f"{key} must be text" for key, value in texts.items() if not isinstance(value, str)]
    permissions = {key: data[key] for key in PERMISSIONS if key in data}
    problems += [f"{key} must be true or false" for key, value in permissions.items() if not isinstance(value, bool)]
    if data.get("split", "") not in SPLITS:
        problems.append(f"split is {data['split']!r}, expected train, validation or test")
    if problems:
        raise SourceError(f"{path.name}: " + "; ".join(problems))
    return PlainSettings(patterns, ignored, split=data.get("split", ""), **texts, **permissions)


def stem_of_file(name: str, settings: PlainSettings) -> tuple[str, ...]:
    """Stems whose patterns a file name fits (capitals do not matter); none for an ignored file."""
    plain = name.lower()
    if any(fnmatchcase(plain, pattern) for pattern in settings.ignored):
        return ()
    return tuple(
        stem for stem, patterns in settings.patterns.items() if any(fnmatchcase(plain, each) for each in patterns)
    )


def _stem_patterns(value: Any, problems: list[str]) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping) or not value:
        problems.append("stems must map each stem to its files, for example `bass: bass.wav`")
        return {}
    problems += [f"stem {name!r} must be a word in small letters" for name in value if not _is_stem_name(name)]
    return {str(name): _patterns(patterns, f"stems.{name}", problems) for name, patterns in value.items()}


def _is_stem_name(name: Any) -> bool:
    return isinstance(name, str) and STEM_NAME.fullmatch(name) is not None


def _patterns(value: Any, where: str, problems: list[str]) -> tuple[str, ...]:
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not all(isinstance(each, str) and each for each in patterns):
        problems.append(f"{where} must be a file name or a list of them")
        return ()
    return tuple(each.lower() for each in patterns)
