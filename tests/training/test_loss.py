"""The loss on taught tokens."""

from __future__ import annotations

import torch

from training.loss import label_table, mean_over_examples
from training.tokenizer import build_tokenizer, number_words, terse_words


def test_every_example_counts_the_same_whatever_its_length() -> None:
    losses = torch.tensor([4.0, 1.0, 1.0, 1.0])
    rows = torch.tensor([0, 1, 1, 1])
    assert mean_over_examples(losses, rows, examples=2).item() == 2.5


def test_soft_labels_centre_on_the_number_and_are_probabilities() -> None:
    tokenizer = build_tokenizer(terse_words())
    table = label_table(tokenizer, soft_label_db=0.5)
    ids = tokenizer.convert_tokens_to_ids([word for word in number_words() if word != "0"])
    rows = table[ids]
    assert torch.equal(rows.argmax(dim=1), torch.tensor(ids))
    torch.testing.assert_close(rows.sum(dim=1), torch.ones(len(ids)))


def test_zero_keeps_a_hard_label_because_it_stands_where_a_sign_stands() -> None:
    tokenizer = build_tokenizer(terse_words())
    table = label_table(tokenizer, soft_label_db=0.5)
    zero = tokenizer.convert_tokens_to_ids("0")
    assert table[zero, zero] == 1.0
