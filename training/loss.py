"""The loss on taught tokens: cross-entropy, with Gaussian soft labels for numbers where asked for."""

from __future__ import annotations

import math
from typing import Any

import torch
from transformers import PreTrainedTokenizerFast

from training.examples import Batch
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


def taught_loss(model: torch.nn.Module, batch: Batch, table: torch.Tensor, *, device_type: str = "cpu") -> torch.Tensor:
    """Mean over examples of the mean loss in nats over their taught tokens.

    Every example counts the same: by tokens, a sentence of twenty would drown the one number of a short answer.

    The hidden states run in bfloat16, logits and loss in float32. `model` is a Qwen2-Audio model, adapted or not.
    """
    inner = causal_model(model)
    has_audio = len(batch.input_features) > 0
    with torch.autocast(device_type, dtype=torch.bfloat16):
        hidden = inner.model(
            input_ids=batch.input_ids,
            attention_mask=batch.attention_mask,
            input_features=batch.input_features if has_audio else None,
            feature_attention_mask=batch.feature_attention_mask if has_audio else None,
            use_cache=False,
        ).last_hidden_state
        rows, columns = torch.nonzero(batch.taught[:, 1:], as_tuple=True)
        logits = inner.lm_head(hidden[rows, columns])
    targets = batch.input_ids[rows, columns + 1]
    losses = -(table[targets] * torch.log_softmax(logits.float(), dim=-1)).sum(dim=-1)
    return mean_over_examples(losses, rows, examples=len(batch.input_ids))


def mean_over_examples(losses: torch.Tensor, rows: torch.Tensor, *, examples: int) -> torch.Tensor:
    """The mean over examples of their tokens' mean; losses and rows [tokens], rows the example of each token."""
    totals = losses.new_zeros(examples).index_add_(0, rows, losses)
    counts = torch.bincount(rows, minlength=examples).clamp(min=1)
    return (totals / counts).mean()


def causal_model(model: Any) -> Any:
    """The Qwen2-Audio model inside a peft model, or the model itself."""
    get_base_model = getattr(model, "get_base_model", None)
    return model if get_base_model is None else get_base_model()


class LossNotFiniteError(ArithmeticError):
    """The loss became NaN or infinite; the last checkpoint is kept."""


def finite(loss: torch.Tensor, *, step: int) -> float:
    """The loss as a number. Raises LossNotFiniteError."""
    value = float(loss.detach())
    if not math.isfinite(value):
        raise LossNotFiniteError(f"the loss is {value} at step {step}; lower the learning rate and resume")
    return value
