"""A small YAML file that must hold a mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from datagen.sources.track import SourceError

MAX_BYTES = 2**20


class UniqueKeysLoader(yaml.SafeLoader):
    """YAML whose mappings may not give a key twice: YAML's own rule, which its reader lets pass."""


def read_yaml_mapping(path: Path, *, unique_keys: bool = False) -> dict[Any, Any]:
    """The mapping in a YAML file; with `unique_keys` a key that is given twice is a mistake.

    Raises SourceError when it is too large, damaged or something else.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path.name}: larger than {MAX_BYTES:,} bytes")
        loader = UniqueKeysLoader if unique_keys else yaml.SafeLoader
        data = yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 both are safe loaders
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{path.name}: no valid YAML ({' '.join(str(error).split())})") from error
    if not isinstance(data, dict):
        raise SourceError(f"{path.name}: holds no mapping")
    return data


def _unique_mapping(loader: UniqueKeysLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise yaml.constructor.ConstructorError(None, None, f"{', '.join(twice)} is given twice", node.start_mark)
    return loader.construct_mapping(node, deep=True)


UniqueKeysLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
