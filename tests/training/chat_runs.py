"""A small real base and a few recipes on disk, and a configuration that trains an adapter on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from datagen.__main__ import main as datagen
from datagen.words import REFERENCE_KINDS
from training.bases import qwen2_audio
from training.bases.loading import save_chat_base

EXCERPT_S = 4


def write_base(folder: Path) -> Path:
    """Qwen2-Audio's class with random weights and windows of six seconds."""
    save_chat_base(qwen2_audio.from_tiny_random_config(0, window_s=6), folder)
    return folder


def write_recipes(file: Path, *, count: int = 24, kinds: tuple[str, ...] = REFERENCE_KINDS, songs: int = 2) -> Path:
    """Recipes over procedural songs."""
    settings = {
        "seed": 7,
        "count": count,
        "excerpt_length_s": EXCERPT_S,
        "hop_s": 8,
        "sources": [{"procedural": "train", "songs": songs}],
        "recipes": {"reference_kinds": dict.fromkeys(kinds, 1)},
    }
    file.with_suffix(".yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert datagen(["build", str(file.with_suffix(".yaml")), str(file)]) == 0
    return file


def write_config(file: Path, *, base: Path, recipes: Path, **entries: Any) -> Path:
    """Three steps of two examples each; `entries` replace what is given."""
    loop = {"steps": 3, "learning_rate": 0.001, "warmup_steps": 1, "log_every": 1, "checkpoint_every": 1}
    config = {
        "kind": "chat_adapter",
        "name": "tried",
        "seed": 5,
        "base": str(base),
        "trained_on": "mix_ref",
        "data": {"recipes": str(recipes)},
        "batch_size": 2,
        "lora": {"rank": 4, "alpha": 8, "dropout": 0.1},
        "loop": loop,
    }
    changed = {**config, **entries, "loop": {**loop, **entries.get("loop", {})}}
    file.write_text(yaml.safe_dump(changed), encoding="utf-8")
    return file
