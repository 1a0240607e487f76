"""The number-token loss: a wrong number costs the more, the further it is from the right one.

For bases that write a number as several tokens, where cross-entropy finds 9 as wrong as 4 when 3 is right. Source:
Zausinger et al. 2024, "Regress, Don't Guess: A Regression-like Loss on Number Tokens for Language Models"
(arXiv 2411.02083): the probabilities of the number tokens alone are read as a distribution over their values, which is
compared with the right value, and the result is added to the cross-entropy with a weight (0.3 there).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import torch

NumberLossKind = Literal["none", "mse", "wasserstein"]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class NumberTokensError(ValueError):
    """A tokenizer that writes no numbers as tokens of their own."""


@dataclass(frozen=True)
class NumberLoss:
    """What the number-token loss needs: the tokens that are numbers, their values, and how it is added."""

    kind: NumberLossKind
    weight: float
    ids: torch.Tensor
    """[numbers], token ids in rising order."""
    values: torch.Tensor
    """[numbers], float32."""


def number_loss(tokenizer: Any, *, kind: NumberLossKind, weight: float) -> NumberLoss | None:
    """The number-token loss for a tokenizer's numbers, or None where it is not wanted.

    Raises NumberTokensError where no token is a number.
    """
    if kind == "none" or weight == 0.0:
        return None
    found = sorted((index, float(text)) for text, index in tokenizer.get_vocab().items() if _NUMBER.fullmatch(text))
    if not found:
        raise NumberTokensError("the tokenizer has no tokens that are numbers; set number_loss.kind to none")
    ids, values = zip(*found, strict=True)
    return NumberLoss(kind, weight, torch.tensor(ids), torch.tensor(values, dtype=torch.float32))


def number_token_loss(logits: torch.Tensor, targets: torch.Tensor, numbers: NumberLoss) -> torch.Tensor:
    """The mean loss over the targets that are numbers; 0 where none is.

    logits [tokens, vocabulary], targets [tokens]. `mse`: the squared distance between the expected and the right value.
    `wasserstein`: the expected distance to it (the Wasserstein-1 distance to a distribution with all weight on it).
    """
    ids, values = numbers.ids.to(logits.device), numbers.values.to(logits.device)
    places = torch.searchsorted(ids, targets).clamp(max=len(ids) - 1)
    taught = ids[places] == targets
    if not bool(taught.any()):
        return logits.new_zeros(())
    shares = torch.softmax(logits[taught][:, ids].float(), dim=-1)
    right = values[places[taught]]
    if numbers.kind == "mse":
        return ((shares @ values - right) ** 2).mean()
    return (shares * (values[None, :] - right[:, None]).abs()).sum(dim=-1).mean()
