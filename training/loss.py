"""The loss on taught tokens: cross-entropy, with Gaussian soft labels for numbers where asked for."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch.distributed.fsdp import FullyShardedDataParallel
from torch.nn.parallel import DistributedDataParallel
from transformers import PreTrainedTokenizerFast

from training.examples import Batch
from training.number_loss import NumberLoss, number_token_loss
from training.tokenizer import number_words


def label_table(tokenizer: PreTrainedTokenizerFast, *, soft_label_db: float) -> torch.Tensor:
    """The target distribution of every token, [vocabulary, vocabulary].

    A number's neighbours on the grid share its probability as a Gaussian of SD `soft_label_db`; 0 stays hard, because
    it stands in the place of a sign. With 0 every label is hard.
    """
    table = torch.eye(len(tokenizer))
    if soft_label_db <= 0.0:
        return table
    numbers = [word for word in number_words() if word != "0"]
    ids = torch.tensor(tokenizer.convert_tokens_to_ids(numbers))
    values = torch.tensor([float(word) for word in numbers])
    weights = torch.exp(-0.5 * ((values[:, None] - values[None, :]) / soft_label_db) ** 2)
    table[ids[:, None], ids[None, :]] = weights / weights.sum(dim=1, keepdim=True)
    return table


def taught_loss(
    model: torch.nn.Module, batch: Batch, table: torch.Tensor | None = None, *, numbers: NumberLoss | None = None
) -> torch.Tensor:
    """Mean over examples of the mean loss in nats over their taught tokens.

    Every example counts the same: by tokens, a sentence of twenty would drown the one number of a short answer.

    `table` is label_table's; without one every label is hard. `numbers` adds the number-token loss. The hidden states
    run in bfloat16, logits and loss in float32. `model` is a base, adapted or not, wrapped for several GPUs or not.
    """
    rows, columns = torch.nonzero(batch.taught[:, 1:], as_tuple=True)
    logits = logits_at(model, batch, rows, columns).float()
    targets = batch.input_ids[rows, columns + 1].to(logits.device)
    losses = _token_losses(logits, targets, table)
    examples = batch.example_of(rows, columns).to(logits.device)
    loss = mean_over_examples(losses, examples, examples=batch.examples)
    if numbers is not None:
        loss = loss + numbers.weight * number_token_loss(logits, targets, numbers)
    return batch.weight * loss


def logits_at(model: torch.nn.Module, batch: Batch, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """The logits of chosen positions alone, [positions, vocabulary].

    The whole model is called, so that what wraps it for several GPUs does its part; only its last layer is shown fewer
    positions: for 4,000 tokens and 150,000 words, most of its work and a gigabyte would be for nothing.
    """
    device = batch.input_ids.device
    inputs = {name: tensor.to(device) for name, tensor in batch.model_inputs().items()}
    head = causal_model(model).get_output_embeddings()
    hook = head.register_forward_pre_hook(lambda _, hidden: (hidden[0][rows, columns],))
    try:
        with torch.autocast(device.type, dtype=torch.bfloat16):
            logits: torch.Tensor = model(**inputs, use_cache=False).logits
    finally:
        hook.remove()
    return logits


def _token_losses(logits: torch.Tensor, targets: torch.Tensor, table: torch.Tensor | None) -> torch.Tensor:
    if table is None:
        return torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    return -(table.to(logits.device)[targets] * torch.log_softmax(logits, dim=-1)).sum(dim=-1)


def mean_over_examples(losses: torch.Tensor, rows: torch.Tensor, *, examples: int) -> torch.Tensor:
    """The mean over examples of their tokens' mean; losses and rows [tokens], rows the example of each token."""
    totals = losses.new_zeros(examples).index_add_(0, rows, losses)
    counts = torch.bincount(rows, minlength=examples).clamp(min=1)
    return (totals / counts).mean()


def causal_model(model: Any) -> Any:
    """The transformers model inside a peft model, inside what wraps it for several GPUs; or the model itself."""
    inner = model.module if isinstance(model, DistributedDataParallel | FullyShardedDataParallel) else model
    get_base_model = getattr(inner, "get_base_model", None)
    return inner if get_base_model is None else get_base_model()


class LossNotFiniteError(ArithmeticError):
    """The loss became NaN or infinite; the last checkpoint is kept."""


def finite(loss: torch.Tensor, *, step: int) -> float:
    """The loss as a number. Raises LossNotFiniteError."""
    value = float(loss.detach())
    if not math.isfinite(value):
        raise LossNotFiniteError(f"the loss is {value} at step {step}; lower the learning rate and resume")
    return value
