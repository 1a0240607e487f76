"""LoRA on the language model's linear layers only, and the switch between loaded adapters.

A list of suffixes (`q_proj`, `k_proj`, ...) would silently adapt the audio tower as well, so modules are chosen by a
regular expression on their full name and what was touched is checked afterwards.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import save_file
from torch.distributed.tensor import DTensor
from transformers import PreTrainedModel

from training.bases.family import LANGUAGE_LINEARS
from training.processes import is_main_process
from training.run_config import LoraSettings
from training.weights import WeightsError, require_safetensors

ADAPTER_FILE = "adapter_model.safetensors"
ADAPTER_CONFIG_FILE = "adapter_config.json"


class AdapterScopeError(WeightsError):
    """An adapter that touches more or less than the language model's linear layers."""


class AdapterWithoutEffectError(WeightsError):
    """An adapter whose matrices change nothing."""


def add_lora(
    model: PreTrainedModel, settings: LoraSettings, *, name: str, targets: str = LANGUAGE_LINEARS
) -> PeftModel:
    """The model with a fresh adapter; everything else is frozen.

    `targets` is a regular expression on full module names, for other scopes one of a base's. Raises AdapterScopeError.
    """
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    adapted = get_peft_model(model, config, adapter_name=name)
    check_scope(adapted, name, targets=targets)
    return adapted


def touched_modules(adapted: PeftModel, name: str) -> tuple[str, ...]:
    """Full names of the modules that carry matrices of an adapter, in order."""
    marker = f".lora_A.{name}.weight"
    return tuple(key.removesuffix(marker) for key, _ in adapted.named_parameters() if key.endswith(marker))


def check_scope(adapted: PeftModel, name: str, *, targets: str = LANGUAGE_LINEARS) -> tuple[str, ...]:
    """The touched modules, after checking that they are all of the linears that were meant and nothing else."""
    touched = set(touched_modules(adapted, name))
    wanted = {
        key for key, module in adapted.named_modules() if re.fullmatch(targets, key) and hasattr(module, "lora_A")
    }
    stray = sorted(key for key in touched if not re.fullmatch(targets, key))
    if stray or touched != wanted or not touched:
        raise AdapterScopeError(
            f"adapter {name!r} touches {len(touched)} modules, {len(wanted)} linears were meant; "
            f"outside of them: {', '.join(stray) or 'none'}"
        )
    return tuple(sorted(touched))


def save_adapter(adapted: PeftModel, name: str, folder: Path) -> None:
    """Write one adapter as float16 safetensors and JSON, in the folder itself.

    With several processes all have to call it, because weights may be spread over them; the first one writes.
    """
    state = get_peft_model_state_dict(adapted, adapter_name=name)
    whole = {key: _whole(tensor.detach()).to(torch.float16).contiguous() for key, tensor in state.items()}
    if not is_main_process():
        return
    folder.mkdir(parents=True, exist_ok=True)
    save_file(whole, folder / ADAPTER_FILE, metadata={"format": "pt"})
    config = adapted.peft_config[name]
    config.base_model_name_or_path = ""
    config.inference_mode = True
    config.save_pretrained(str(folder))


def _whole(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def load_adapter(
    adapted: PeftModel | PreTrainedModel, folder: Path, *, name: str, scopes: Collection[str] = (LANGUAGE_LINEARS,)
) -> PeftModel:
    """The model with one more adapter from a local folder; it is not yet the active one.

    `scopes` are the regular expressions of modules that it may touch: those of its base. Raises WeightsError for
    pickled or missing weights, AdapterScopeError, AdapterWithoutEffectError.
    """
    require_safetensors(folder, ADAPTER_FILE)
    targets = _targets(folder, name, scopes)
    if isinstance(adapted, PeftModel):
        adapted.load_adapter(str(folder), adapter_name=name)
    else:
        adapted = PeftModel.from_pretrained(adapted, str(folder), adapter_name=name)
    check_scope(adapted, name, targets=targets)
    check_effect(adapted, name)
    return adapted.eval()


def _targets(folder: Path, name: str, scopes: Collection[str]) -> str:
    try:
        targets = json.loads((folder / ADAPTER_CONFIG_FILE).read_text(encoding="utf-8"))["target_modules"]
    except (OSError, KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WeightsError(f"{folder / ADAPTER_CONFIG_FILE} cannot be read: {error}") from error
    if targets not in scopes:
        raise AdapterScopeError(
            f"adapter {name!r} in {folder} was made for the modules {targets!r}, which is none of this base's scopes; "
            "a list of suffixes would adapt the audio tower as well"
        )
    return str(targets)


def check_effect(adapted: PeftModel, name: str) -> None:
    """Raise AdapterWithoutEffectError when every output matrix of an adapter is zero (as a fresh one's are)."""
    marker = f".lora_B.{name}.weight"
    largest = max(float(p.detach().abs().max()) for key, p in adapted.named_parameters() if key.endswith(marker))
    if not largest > 0.0:
        raise AdapterWithoutEffectError(f"adapter {name!r} changes nothing: all its output matrices are zero")


def activate(adapted: PeftModel, name: str) -> None:
    """Make one adapter the active one, and check that it is the only one."""
    adapted.set_adapter(name)
    active = list(adapted.active_adapters)
    if active != [name]:
        raise WeightsError(f"adapter {name!r} was asked for, {', '.join(active) or 'none'} is active")
