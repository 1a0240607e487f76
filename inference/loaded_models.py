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
from training.tiny_base import Base, load_base
from training.weights import Manifest, WeightsError, read_manifest, require_same_base

WEIGHTS_VARIABLE = "MIXTRIAL_WEIGHTS"
SMALL_MODEL_PARAMETERS = 100_000_000
SHIPPED = Path(__file__).resolve().parent.parent / "training" / "shipped"


@dataclass
class LoadedModels:
    """A base with the adapters loaded so far; `using` is the only way to its model."""

    folder: Path
    base: Base
    manifest: Manifest
    model: AnyModel
    adapters: dict[str, Manifest] = field(default_factory=dict)
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
            self.model = load_adapter(self.model, folder, name=name)
            self.adapters[name] = manifest
        activate(self.model, name)
        return self.adapters[name]


def weights_folder() -> Path:
    """Where base and adapters lie: $MIXTRIAL_WEIGHTS, or the shipped ones."""
    named = os.environ.get(WEIGHTS_VARIABLE)
    return Path(named) if named else SHIPPED


@lru_cache(maxsize=2)
def loaded_models(folder: Path) -> LoadedModels:
    """The base in a folder of weights, loaded once per process. Raises WeightsError."""
    manifest = read_manifest(folder / "base", weights_file="model.safetensors")
    if manifest.kind != "base":
        raise WeightsError(f"{folder / 'base'} holds {manifest.kind!r} weights, expected a base")
    base = load_base(folder / "base")
    if base.model.num_parameters() < SMALL_MODEL_PARAMETERS:
        # Threads that wait for each other cost such a model more than they bring, most of all on a busy machine.
        torch.set_num_threads(1)
    return LoadedModels(folder, base, manifest, base.model)


def _module_name(adapter: str) -> str:
    # peft uses the name as a module's name, which must not hold a dot.
    return adapter.replace(".", "_").replace("/", "_")
