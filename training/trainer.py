"""The one training loop: transformers' Trainer, told where its data, loss, optimiser and checkpoints come from.

One process, several with `accelerate launch`, or FSDP: the Trainer does that, nothing here knows about it beyond which
share of a step's examples is whose.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader
from transformers import PrinterCallback, Trainer, TrainingArguments

from training.checkpoints import (
    KEPT,
    last_checkpoint,
    read_moments,
    read_weights,
    require_space,
    trained_parameters,
    write_moments,
    write_weights,
)
from training.examples import Batch
from training.loss import finite
from training.prefetch import AheadLoader
from training.progress import Progress
from training.schedule import LoopSettings, Share, rate_share
from training.step_data import RunData, StepData

Loss = Callable[[torch.nn.Module, Batch], torch.Tensor]


def train(
    model: torch.nn.Module,
    data: RunData,
    loss: Loss,
    *,
    settings: LoopSettings,
    seed: int,
    folder: Path,
    log: Callable[[str], None] = print,
    checkpoint_activations: bool = False,
) -> None:
    """Train the parameters that require gradients, going on from the folder's last checkpoint where there is one.

    Raises NoSpaceError before the start, and LossNotFiniteError when the loss is lost; the last checkpoint stays.
    """
    require_space(folder, weights=sum(parameter.numel() for parameter in trained_parameters(model).values()))
    arguments = training_arguments(
        settings, seed=seed, folder=folder, parts=data.parts, checkpoint_activations=checkpoint_activations
    )
    trainer = TaughtTrainer(model, arguments, data=data, loss=loss, settings=settings, log=log)
    start = last_checkpoint(folder)
    trainer.train(resume_from_checkpoint=None if start is None else str(start))
    model.eval()


def training_arguments(
    settings: LoopSettings, *, seed: int, folder: Path, parts: int = 1, checkpoint_activations: bool = False
) -> Any:
    """The settings in the Trainer's words; everything that could report to somebody is off."""
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=settings.steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=parts,
        max_grad_norm=settings.clip_norm,
        logging_steps=settings.log_every,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=settings.checkpoint_every,
        save_total_limit=KEPT,
        activation_checkpointing=checkpoint_activations,
        activation_checkpointing_kwargs={"use_reentrant": False} if checkpoint_activations else None,
        # Otherwise the model's own configuration would say so ever after, and generation would be slow.
        use_cache=True,
        ddp_find_unused_parameters=False,
        seed=seed,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
    )
    # Without a launcher one process would otherwise split its batches over all GPUs of the machine.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments


class TaughtTrainer(Trainer):  # type: ignore[misc]
    """transformers' Trainer on batches of our own making, with safetensors checkpoints."""

    optimizer: Any
    lr_scheduler: Any

    def __init__(
        self,
        model: torch.nn.Module,
        arguments: Any,
        *,
        data: RunData,
        loss: Loss,
        settings: LoopSettings,
        log: Callable[[str], None],
    ) -> None:
        self.loss_is_scaled_for_ga = False
        self._data = data
        self._loss = loss
        self._settings = settings
        super().__init__(model, arguments)
        self.remove_callback(PrinterCallback)
        self.add_callback(Progress(settings, folder=Path(arguments.output_dir), measure=self.validation_loss, log=log))

    @property
    def share(self) -> Share:
        """This process's share of every step's examples."""
        return Share(self.args.process_index, self.args.world_size)

    def get_train_dataloader(self) -> Any:
        """Parts of steps in order; every process makes its own share, so nothing has to be sent around."""
        data = StepData(self._data, steps=self._settings.steps, share=self.share)
        workers = self._settings.data_workers
        loader = AheadLoader if workers else DataLoader
        return loader(data, batch_size=1, shuffle=False, collate_fn=itemgetter(0), num_workers=workers)

    def create_optimizer(self, model: torch.nn.Module | None = None) -> Any:
        """AdamW over everything that is trained."""
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(
                list(trained_parameters(self.model if model is None else model).values()),
                lr=self._settings.learning_rate, betas=(0.9, 0.98), weight_decay=self._settings.weight_decay,
                fused=True,
            )  # fmt: skip
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:  # noqa: ARG002
        """Linear warm-up, then a cosine."""
        if self.lr_scheduler is None:
            self.lr_scheduler = self._schedule(optimizer or self.optimizer)
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def training_step(self, model: torch.nn.Module, inputs: Batch, num_items_in_batch: Any = None) -> Any:
        """One part of a step; its randomness (dropout) depends on seed, step and process alone."""
        words = np.random.SeedSequence([self.args.seed, self.state.global_step, self.share.rank]).generate_state(2)
        torch.manual_seed(int(words[0]) << 32 | int(words[1]))
        return super().training_step(model, inputs, num_items_in_batch)

    def compute_loss(self, model: torch.nn.Module, inputs: Batch, **_: Any) -> torch.Tensor:
        """The loss of a batch. Raises LossNotFiniteError."""
        loss = self._loss(model, inputs)
        finite(loss, step=self.state.global_step)
        return loss

    @torch.no_grad()
    def validation_loss(self) -> float:
        """The mean loss over the validation batches, those of all processes together."""
        self.model_wrapped.eval()
        losses = [
            self._loss(self.model_wrapped, self._prepare_inputs(make(self.share))) for make in self._data.validate
        ]
        return float(self.accelerator.reduce(torch.stack(losses).mean(), "mean"))

    def floating_point_ops(self, inputs: Batch) -> int:  # noqa: ARG002
        """Not counted: it would walk through all parameters at every step."""
        return 0

    def _schedule(self, optimizer: Any, *, last_step: int = -1) -> Any:
        share = partial(rate_share, settings=self._settings)
        return torch.optim.lr_scheduler.LambdaLR(optimizer, share, last_epoch=last_step)

    def _prepare_inputs(self, inputs: Batch) -> Batch:
        return batch_on(inputs, self.args.device)

    def _get_num_items_in_batch(self, batch_samples: list[Batch], device: Any) -> None:  # noqa: ARG002
        return None

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        if self.is_fsdp_enabled:
            super()._save(output_dir, state_dict)
        elif self.args.should_save:
            folder = Path(output_dir or self.args.output_dir)
            folder.mkdir(parents=True, exist_ok=True)
            write_weights(folder, trained_parameters(self.model), step=self.state.global_step)

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if self.is_fsdp_enabled:
            super()._save_optimizer_and_scheduler(output_dir)
        elif self.args.should_save:
            write_moments(
                Path(output_dir), trained_parameters(self.model), self.optimizer.optimizer, step=self.state.global_step
            )

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: torch.nn.Module | None = None) -> None:
        if self.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)
        else:
            read_weights(Path(resume_from_checkpoint), trained_parameters(self.model))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None or self.is_fsdp_enabled:
            super()._load_optimizer_and_scheduler(checkpoint)
            return
        step = read_moments(Path(checkpoint), trained_parameters(self.model), self.optimizer.optimizer)
        self.lr_scheduler = self._schedule(self.optimizer, last_step=step - 1)

    def _save_rng_state(self, output_dir: str) -> None:
        """Nothing to keep: every step seeds itself."""

    def _load_rng_state(self, checkpoint: str | None) -> None:
        """Nothing to restore: every step seeds itself."""


def batch_on(batch: Batch, device: torch.device) -> Batch:
    """A batch with its tensors on a device."""
    moved: dict[str, Any] = {
        entry.name: value.to(device)
        for entry in fields(batch)
        if isinstance(value := getattr(batch, entry.name), torch.Tensor)
    }
    return replace(batch, **moved)
