"""A base's folder before anything of it is loaded: what it is, whether it may be read, and which weights it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors import safe_open

from training.weights import PICKLE_SUFFIXES, WeightsError, file_sha256

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"


class NotAnAudioBaseError(WeightsError):
    """A base that cannot hear: no audio tower, or a model that is not supported."""


class MissingClassError(WeightsError):
    """The installed transformers has no class for a base."""


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises WeightsError."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WeightsError(f"{path} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise WeightsError(f"{path} holds no object; copy the whole folder of the base again")
    return data


def weight_files(folder: Path, *, never_opened: Sequence[str] = ()) -> tuple[Path, ...]:
    """The safetensors of a base, one file or all shards of its index, sorted.

    `never_opened` names pickles of a published folder that the loaded class does not read. Raises WeightsError when
    weights are missing or pickled.
    """
    if not folder.is_dir():
        raise WeightsError(f"{folder} is not a folder; give the local path of a base, nothing is fetched")
    _refuse_pickles(folder, never_opened)
    if (folder / WEIGHTS_FILE).is_file():
        return (folder / WEIGHTS_FILE,)
    if not (folder / INDEX_FILE).is_file():
        raise WeightsError(f"{folder} has neither {WEIGHTS_FILE} nor {INDEX_FILE}; only safetensors are read")
    names = sorted(set(read_json(folder / INDEX_FILE).get("weight_map", {}).values()))
    missing = [name for name in names if Path(name).name != name or not (folder / name).is_file()]
    if missing or not names:
        raise WeightsError(f"{folder} lacks the shards {', '.join(missing) or 'of its index'}; copy the folder again")
    return tuple(folder / name for name in names)


def _refuse_pickles(folder: Path, never_opened: Sequence[str]) -> None:
    pickles = sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() in PICKLE_SUFFIXES and path.name not in never_opened
    )
    if pickles:
        raise WeightsError(
            f"{folder} holds pickled weights ({', '.join(pickles)}), which can run code when they are read; "
            "convert them to safetensors and delete them"
        )


def require_tensors(folder: Path, files: Sequence[Path], *, part: str) -> None:
    """Raise NotAnAudioBaseError unless some tensor's name holds `part`, read from the files' headers alone."""
    for path in files:
        with safe_open(path, framework="pt") as tensors:
            if any(part in name for name in tensors.keys()):  # noqa: SIM118 (safe_open is no mapping)
                return
    raise NotAnAudioBaseError(
        f"the weights in {folder} hold no {part}: this base cannot hear. Use the whole checkpoint, not its language "
        "model alone"
    )


def weights_sha256(files: Sequence[Path]) -> str:
    """One hash for a base: of the only file, or of the hashes of all its shards in order."""
    if len(files) == 1:
        return file_sha256(files[0])
    return hashlib.sha256("\n".join(file_sha256(path) for path in files).encode()).hexdigest()
