"""Training of one adapter on a real base, from recipes or from MixAssist's table."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import torch

from training.adapters import add_lora, save_adapter
from training.bases.chat_base import ChatBase
from training.bases.registry import base_sha256, load_any_base, recognise
from training.bases.tiny_qwen2_audio import NAME as TINY
from training.chat_data import chat_data, data_identity, reference_kinds
from training.chat_prompts import CHAT_PROMPT_VERSION
from training.config_files import RunConfigError
from training.loss import taught_loss
from training.number_loss import number_loss
from training.packed_attention import packed_attention
from training.processes import is_main_process, load_device
from training.run_config import ChatAdapterConfig
from training.run_folder import open_run_folder, write_results
from training.train import write_adapter_manifest
from training.trainer import train


def train_chat_adapter(
    config: ChatAdapterConfig, *, run_folder: Path, output: Path, log: Callable[[str], None] = print
) -> None:
    """Train an adapter on the base that the configuration names, and write it to `output` with its manifest and card.

    Raises WeightsError for the base, RunConfigError, RecipeTableError and MixAssistError for the data, RunFolderError
    and NoSpaceError, all before anything is trained.
    """
    folder = Path(config.base)
    base_hash = base_sha256(require_chat_base(folder))
    run = open_run_folder(run_folder, config, base_sha256=base_hash, data=data_identity(config))
    base = load_chat(folder)
    data = chat_data(base, config, log=log)
    torch.manual_seed(config.seed)
    adapted = add_lora(base.model, config.lora, name=config.name, targets=base.scopes[config.scope])
    numbers = number_loss(base.tokenizer, kind=config.number_loss.kind, weight=config.number_loss.weight)
    # Around the whole run: recomputed activations are attended to again in the backward pass.
    with packed_attention(base.model) if config.pack else nullcontext():
        train(
            adapted,
            data,
            partial(taught_loss, numbers=numbers),
            settings=config.loop,
            seed=config.seed,
            folder=run_folder,
            log=log,
            checkpoint_activations=config.checkpoint_activations,
        )
    save_adapter(adapted, config.name, output)
    if is_main_process():
        write_adapter_manifest(
            output,
            config,
            base_sha256=base_hash,
            prompt_version=CHAT_PROMPT_VERSION,
            reference_kinds=reference_kinds(config),
        )
        write_results(run, output)


def require_chat_base(folder: Path) -> Path:
    """The folder, once it holds a real base. Raises WeightsError, and RunConfigError for the tiny one."""
    if recognise(folder) == TINY:
        raise RunConfigError(f"{folder} holds the tiny base, whose adapters have configurations of kind: adapter")
    return folder


def load_chat(folder: Path) -> ChatBase:
    """The base for training: bfloat16 and fused attention where there is a GPU, else float32."""
    has_gpu = torch.cuda.is_available()
    base = load_any_base(folder, device=load_device(), dtype=torch.bfloat16 if has_gpu else torch.float32)
    assert isinstance(base, ChatBase), "the folder was recognised as a real base"
    if has_gpu:
        base.model.set_attn_implementation("sdpa")
    return base
