"""Which base a folder holds, by its config.json, and the base itself. Local folders only; nothing is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

import torch

from training.bases import audio_flamingo3, music_flamingo, qwen2_5_omni, qwen2_audio, tiny_qwen2_audio
from training.bases.chat_base import ChatBase
from training.bases.folders import CONFIG_FILE, NotAnAudioBaseError, read_json, weight_files, weights_sha256
from training.bases.loading import PREPROCESSOR_FILE
from training.bases.tiny_qwen2_audio import TinyBase
from training.weights import WeightsError

AnyBase: TypeAlias = ChatBase | TinyBase

BASES: Mapping[str, ModuleType] = {
    tiny_qwen2_audio.NAME: tiny_qwen2_audio,
    **{module.FAMILY.name: module for module in (qwen2_audio, audio_flamingo3, music_flamingo, qwen2_5_omni)},
}
"""Every base by name; a module each with `load` and `from_tiny_random_config`."""

MODEL_TYPES: Mapping[str, str] = {
    model_type: module.FAMILY.name
    for module in (qwen2_audio, audio_flamingo3, music_flamingo, qwen2_5_omni)
    for model_type in module.FAMILY.model_types
}
TINY_FRONT_END_KEY = "stacked_frames"
"""Only the tiny base's front end stacks frames; its model_type is the large one's."""


def recognise(folder: Path) -> str:
    """The name of the base in a folder.

    Raises WeightsError when there is no readable config.json, NotAnAudioBaseError when the model is not supported.
    """
    if not folder.is_dir():
        raise WeightsError(f"{folder} is not a folder; give the local path of a base, nothing is fetched")
    model_type = str(read_json(folder / CONFIG_FILE).get("model_type", ""))
    name = MODEL_TYPES.get(model_type)
    if name is None:
        raise NotAnAudioBaseError(
            f"{folder} holds a model of type {model_type!r}, not an audio-language model that is supported; expected "
            f"one of {', '.join(MODEL_TYPES)}"
        )
    return tiny_qwen2_audio.NAME if name == qwen2_audio.FAMILY.name and _is_tiny(folder) else name


def load_any_base(folder: Path, *, device: str | None = None, dtype: torch.dtype | None = None) -> AnyBase:
    """The base in a local folder, whichever it is. Raises WeightsError and its kinds, before anything is loaded."""
    base: AnyBase = BASES[recognise(folder)].load(folder, device=device, dtype=dtype)
    return base


def base_sha256(folder: Path) -> str:
    """The hash by which adapters name their base: of its one file, or of all its shards. Reads every byte."""
    name = recognise(folder)
    never_opened = () if name == tiny_qwen2_audio.NAME else BASES[name].FAMILY.never_opened
    return weights_sha256(weight_files(folder, never_opened=never_opened))


def _is_tiny(folder: Path) -> bool:
    path = folder / PREPROCESSOR_FILE
    return path.is_file() and TINY_FRONT_END_KEY in read_json(path)
