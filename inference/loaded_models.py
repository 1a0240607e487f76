"""Base and adapters in one process: the base is loaded once, adapters are switched, and the switch is checked.

Everything is read from local folders; nothing is fetched.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import torch
from peft import PeftModel

from training.adapters import ADAPTER_FILE, activate, load_adapter
from training.answering import AnyModel
from training.bases.registry import AnyBase, base_sha256, load_any_base
from training.bases.tiny_qwen2_audio import TinyBase
from training.chat_prompts import CHAT_PROMPT_VERSION
from training.weights import Manifest, WeightsError, read_manifest, require_same_base

WEIGHTS_VARIABLE = "MIXTRIAL_WEIGHTS"
BASE_FOLDER = "base"
SMALL_MODEL_PARAMETERS = 100_000_000
SHIPPED = Path(__file__).resolve().parent.parent / "training" / "shipped"


@dataclass
class LoadedModels:
    """A base with the adapters loaded so far; `using` is the only way to its model."""

    folder: Path
    base: AnyBase
    manifest: Manifest
    model: AnyModel
    adapters: dict[str, Manifest] = field(default_factory=dict)
    checked: set[tuple[str, ...]] = field(default_factory=set)
    """The ways of asking a large model whose audio and adapter were seen to have an effect."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def using(self, adapter: str) -> Iterator[tuple[AnyModel, Manifest | None]]:
        """The model with one adapter active (a name beside the base, or a path), or untuned where `adapter` is empty.

        Nothing else can switch adapters until the block ends. Raises WeightsError, WrongBaseError or
        AdapterWithoutEffectError; a refused adapter is never active.
        """
        with self.lock:
            if adapter:
                manifest = self._activate(adapter)
                yield self.model, manifest
            elif isinstance(self.model, PeftModel):
                with self.model.disable_adapter():
                    yield self.model, None
            else:
                yield self.model, None

    def _activate(self, adapter: str) -> Manifest:
        name = _module_name(adapter)
        if name not in self.adapters:
            folder = self.folder / adapter
            manifest = read_manifest(folder, weights_file=ADAPTER_FILE)
            require_same_base(manifest, self.manifest)
            scopes = tuple(self.base.scopes.values())
            self.model = load_adapter(self.model, folder, name=name, scopes=scopes)
            self.adapters[name] = manifest
        activate(self.model, name)
        return self.adapters[name]


def weights_folder() -> Path:
    """Where base and adapters lie: $MIXTRIAL_WEIGHTS, or the shipped ones."""
    named = os.environ.get(WEIGHTS_VARIABLE)
    return Path(named) if named else SHIPPED


def models_for(adapter: str) -> LoadedModels:
    """The base that an adapter (or none) is used on: the one that lies beside an adapter given by its path, as the
    folder or link `base`, else the one of the weights' folder. Raises WeightsError."""
    beside = Path(adapter).parent if Path(adapter).is_absolute() else weights_folder()
    return loaded_models(beside if (beside / BASE_FOLDER).is_dir() else weights_folder())


@lru_cache(maxsize=2)
def loaded_models(folder: Path) -> LoadedModels:
    """The base in a folder of weights, whichever it is, loaded once per process. Raises WeightsError."""
    base = load_any_base(folder / BASE_FOLDER)
    manifest = _manifest(folder / BASE_FOLDER, base)
    if base.model.num_parameters() < SMALL_MODEL_PARAMETERS:
        # Threads that wait for each other cost such a model more than they bring, most of all on a busy machine.
        torch.set_num_threads(1)
    return LoadedModels(folder, base, manifest, base.model)


def _manifest(folder: Path, base: AnyBase) -> Manifest:
    if not isinstance(base, TinyBase):
        return _published_manifest(folder, base.name)
    manifest = read_manifest(folder, weights_file="model.safetensors")
    if manifest.kind != "base":
        raise WeightsError(f"{folder} holds {manifest.kind!r} weights, expected a base")
    return manifest


def _published_manifest(folder: Path, name: str) -> Manifest:
    # A base as others publish it has no manifest of ours; what adapters need of it follows from its weights.
    sha256 = base_sha256(folder)
    return Manifest("base", name, sha256, sha256, CHAT_PROMPT_VERSION, generator_version="")


def _module_name(adapter: str) -> str:
    # peft uses the name as a module's name, which must not hold a dot.
    return adapter.replace(".", "_").replace("/", "_")
