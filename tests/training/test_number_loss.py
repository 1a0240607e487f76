"""The number-token loss: near misses cost less than far ones."""

from __future__ import annotations

import pytest
import torch

from training.number_loss import NumberLoss, NumberTokensError, number_loss, number_token_loss
from training.tokenizer import build_tokenizer, terse_words

IDS, VALUES = torch.tensor([4, 6, 7]), torch.tensor([0.0, 3.0, 9.0])


def logits_of(shares: dict[int, float]) -> torch.Tensor:
    logits = torch.full((1, 10), -30.0)
    for token, share in shares.items():
        logits[0, token] = torch.log(torch.tensor(share))
    return logits


def test_the_squared_error_is_that_of_the_expected_value() -> None:
    loss = number_token_loss(logits_of({4: 0.5, 7: 0.5}), torch.tensor([6]), NumberLoss("mse", 1.0, IDS, VALUES))
    assert float(loss) == pytest.approx((4.5 - 3.0) ** 2, abs=1e-4)


def test_the_wasserstein_loss_is_the_expected_distance() -> None:
    loss = number_token_loss(
        logits_of({4: 0.5, 7: 0.5}), torch.tensor([6]), NumberLoss("wasserstein", 1.0, IDS, VALUES)
    )
    assert float(loss) == pytest.approx(0.5 * 3.0 + 0.5 * 6.0, abs=1e-4)


def test_only_number_tokens_share_the_probability() -> None:
    numbers = NumberLoss("wasserstein", 1.0, IDS, VALUES)
    certain = number_token_loss(logits_of({1: 0.9, 6: 0.1}), torch.tensor([6]), numbers)
    assert float(certain) == pytest.approx(0.0, abs=1e-4)


def test_words_cost_nothing() -> None:
    numbers = NumberLoss("mse", 1.0, IDS, VALUES)
    assert float(number_token_loss(logits_of({1: 1.0}), torch.tensor([5]), numbers)) == 0.0


def test_the_tokens_of_a_tokenizer_that_are_numbers_are_found_with_their_values() -> None:
    tokenizer = build_tokenizer(terse_words())
    numbers = number_loss(tokenizer, kind="wasserstein", weight=0.3)
    assert numbers is not None
    found = dict(zip(tokenizer.convert_ids_to_tokens(numbers.ids.tolist()), numbers.values.tolist(), strict=True))
    assert found["3.5"] == 3.5
    assert "bass" not in found
    assert torch.equal(numbers.ids, numbers.ids.sort().values)


def test_it_can_be_left_out() -> None:
    assert number_loss(build_tokenizer(terse_words()), kind="none", weight=0.3) is None


def test_a_tokenizer_without_numbers_is_refused() -> None:
    class Words:
        def get_vocab(self) -> dict[str, int]:
            return {"bass": 0}

    with pytest.raises(NumberTokensError, match="no tokens that are numbers"):
        number_loss(Words(), kind="mse", weight=0.3)
