"""A small YAML file that must hold a mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from datagen.sources.track import SourceError

MAX_BYTES = 2**20


def read_yaml_mapping(path: Path) -> dict[Any, Any]:
    """The mapping in a YAML file. Raises SourceError when it is too large, damaged or something else."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path.name}: larger than {MAX_BYTES:,} bytes")
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{path.name}: no valid YAML ({' '.join(str(error).split())})") from error
    if not isinstance(data, dict):
        raise SourceError(f"{path.name}: holds no mapping")
    return data
