"""A run's folder: configuration, seeds, commit, versions and data on one page, metrics while it goes, and at the end a
picture of its loss and a card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.loss_curve import write_loss_curve
from training.processes import is_main_process, process_count
from training.progress import METRICS_FILE, read_metrics
from training.run_card import run_card
from training.run_config import RunConfig, config_to_json
from training.run_record import run_versions, source_commit

RUN_FILE = "run.json"
CURVE_FILE = "loss.svg"
CARD_FILE = "README.md"
MAY_CHANGE = ("commit", "versions", "processes")
"""What a resumed run may have otherwise than the one it goes on with; both are recorded."""


class RunFolderError(ValueError):
    """A folder that holds another run."""


@dataclass(frozen=True)
class RunFolder:
    """A folder and what is recorded of its run."""

    folder: Path
    record: dict[str, Any]


def open_run_folder(folder: Path, config: RunConfig, *, base_sha256: str, data: Mapping[str, Any]) -> RunFolder:
    """Record what a run is made from, or check that the run the folder holds is the same one.

    Raises RunFolderError naming everything that is different, so that no run goes on with other data or settings.
    """
    record = {
        "config": config_to_json(config), "base_sha256": base_sha256, "data": dict(data), "commit": source_commit(),
        "versions": run_versions(), "processes": process_count(),
    }  # fmt: skip
    record = json.loads(json.dumps(record))
    path = folder / RUN_FILE
    if is_main_process():
        if path.exists():
            _require_same(json.loads(path.read_text(encoding="utf-8")), record, folder)
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return RunFolder(folder, record)


def write_results(run: RunFolder, output: Path) -> None:
    """The picture of the loss in the run's folder, and the card beside the weights and in the run's folder."""
    metrics = read_metrics(run.folder / METRICS_FILE)
    write_loss_curve(metrics, run.folder / CURVE_FILE, title=run.record["config"]["name"])
    card = run_card(run.record, metrics)
    for folder in (run.folder, output):
        (folder / CARD_FILE).write_text(card, encoding="utf-8")


def _require_same(old: dict[str, Any], new: dict[str, Any], folder: Path) -> None:
    before, now = (_flat({k: v for k, v in record.items() if k not in MAY_CHANGE}) for record in (old, new))
    differing = [
        f"{key} was {before.get(key)!r}, is {now.get(key)!r}"
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key)
    ]
    if differing:
        raise RunFolderError(
            f"{folder} holds another run; choose another folder with --runs, or delete it:\n"
            + "\n".join(f"- {line}" for line in differing)
        )


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        return {name: value}
    return {key: leaf for k, v in value.items() for key, leaf in _flat(v, f"{name}.{k}" if name else k).items()}
