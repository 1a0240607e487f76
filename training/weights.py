"""Weights on disk: safetensors only, each folder with a manifest that says what it is and which base it belongs to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MANIFEST_FILE = "manifest.json"
PICKLE_SUFFIXES = (".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib")


class WeightsError(ValueError):
    """Weights that cannot be used: missing, pickled, changed, or made for something else."""


class WrongBaseError(WeightsError):
    """An adapter that was trained on another base."""


@dataclass(frozen=True)
class Manifest:
    """What a folder of weights is."""

    kind: str
    """`base` or `adapter`."""
    name: str
    weights_sha256: str
    base_sha256: str
    """Hash of the base's weights; a base names itself."""
    prompt_version: str
    generator_version: str
    trained_on: str = "untuned"
    reference_kinds: tuple[str, ...] = ()
    training: dict[str, Any] = field(default_factory=dict)
    """Seed, steps, songs and versions of the run."""


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def require_safetensors(folder: Path, file_name: str) -> Path:
    """The path of the weights in a folder. Raises WeightsError when they are missing or a pickle lies beside them."""
    if not folder.is_dir():
        raise WeightsError(f"{folder} is not a folder of weights; make them with `python -m training ship`")
    pickles = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in PICKLE_SUFFIXES)
    if pickles:
        raise WeightsError(
            f"{folder} holds pickled weights ({', '.join(pickles)}), which can run code when they are read; "
            "convert them to safetensors and delete them"
        )
    path = folder / file_name
    if not path.is_file():
        raise WeightsError(f"{folder} has no {file_name}; only safetensors are read")
    return path


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest of a folder of weights."""
    text = json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False)
    (folder / MANIFEST_FILE).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path, *, weights_file: str) -> Manifest:
    """The manifest of a folder, checked against the weights beside it.

    Raises WeightsError when it is missing, unreadable, or when the weights are not those it was written for.
    """
    weights = require_safetensors(folder, weights_file)
    try:
        data = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        manifest = Manifest(**{**data, "reference_kinds": tuple(data["reference_kinds"])})
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise WeightsError(f"{folder / MANIFEST_FILE} cannot be read: {error}") from error
    if file_sha256(weights) != manifest.weights_sha256:
        raise WeightsError(f"{weights} is not the file its manifest describes; copy the whole folder again")
    return manifest


def require_same_base(adapter: Manifest, base: Manifest) -> None:
    """Raise WrongBaseError unless an adapter was trained on this base with this prompt version."""
    if adapter.base_sha256 != base.weights_sha256:
        raise WrongBaseError(
            f"adapter {adapter.name!r} was trained on base {adapter.base_sha256[:12]}, "
            f"this base is {base.weights_sha256[:12]}; use them as they were made"
        )
    if adapter.prompt_version != base.prompt_version:
        raise WrongBaseError(
            f"adapter {adapter.name!r} expects prompt version {adapter.prompt_version!r}, "
            f"the base has {base.prompt_version!r}"
        )
