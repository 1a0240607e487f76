"""What is kept beside weights: their scores, those of runs with other seeds, and the probe's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.score_rows import SCORES_FORMAT
from training.weights import WeightsError

SEED_SCORES = "scores_seed_*.json"
"""Scores of runs that differ from the shipped one in their seed alone, copied here from those runs' folders, where
`python -m training --weights FOLDER compare --only "stems_ref / stems_ref / same_passage" --keep` made them."""


def read_scores(path: Path) -> dict[str, Any]:
    """Kept scores. Raises WeightsError when they are missing, cannot be read, or are of an earlier format."""
    scores = read_kept(path.parent, path.name)
    if scores is None or scores.get("format") != SCORES_FORMAT:
        what = "is missing" if scores is None else "is of an earlier format"
        raise WeightsError(f"{path} {what}; make it with `python -m training compare --keep`")
    return scores


def read_kept(folder: Path, name: str) -> dict[str, Any] | None:
    """A JSON file in a folder; None where there is none. Raises WeightsError when it cannot be read."""
    path = folder / name
    if not path.exists():
        return None
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise WeightsError(f"{path} cannot be read: {error}") from error
    return data


def write_kept(data: Mapping[str, Any], path: Path) -> None:
    """Keep plain data as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


def seed_scores(weights: Path) -> list[dict[str, Any]]:
    """The kept scores of runs with other seeds, by file name."""
    return [read_scores(path) for path in sorted(weights.glob(SEED_SCORES))]
