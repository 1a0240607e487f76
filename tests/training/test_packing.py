"""Packed examples give the losses and gradients of padded ones, and never hear each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.bases.base import Clip, Conversation, Turn
from training.bases.chat_base import ChatBase
from training.bases.qwen2_audio import from_tiny_random_config
from training.examples import Batch
from training.loss import taught_loss
from training.packed_attention import packed_attention
from training.packing import (
    RowTooLongError,
    balanced_groups,
    fewest_groups,
    group_weight,
    pack,
    padding_waste,
)

SECONDS = (0.5, 2.0, 1.3)
ATTENTIONS = ("eager", "sdpa", "by example")


@pytest.fixture(scope="module")
def base() -> ChatBase:
    return from_tiny_random_config(4, window_s=2)


def conversation(base: ChatBase, *, seconds: float, seed: int) -> Conversation:
    """Two clips of one length, and an answer whose length depends on the seed."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (2, round(seconds * base.sample_rate))).astype(np.float32)
    first, second = (Clip(samples=len(mono), waveform=mono) for mono in noise)
    question = Turn("user", (first, "problem", second, "reference. What should change?"))
    return Conversation((question, Turn("assistant", ("drums down " * (seed + 1),), taught=True)))


def batch_of(base: ChatBase, seconds: tuple[float, ...] = SECONDS, side: str = "right") -> Batch:
    return base.batch([conversation(base, seconds=s, seed=k) for k, s in enumerate(seconds)], side)


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_packed_row_holds_the_real_tokens_and_starts_anew_in_every_example(base: ChatBase, side: str) -> None:
    padded = batch_of(base, side=side)
    packed = pack(padded)
    lengths = padded.attention_mask.sum(dim=1).tolist()
    assert packed.input_ids.shape == (1, sum(lengths))
    assert packed.position_ids[0].tolist() == [position for length in lengths for position in range(length)]
    assert packed.input_ids[0, packed.taught[0]].tolist() == padded.input_ids[padded.taught].tolist()


@contextmanager
def attending(base: ChatBase, attention: str) -> Iterator[None]:
    """transformers' attention of that name, or ours."""
    if attention == "by example":
        with packed_attention(base.model):
            yield
        return
    base.model.set_attn_implementation(attention)
    try:
        yield
    finally:
        base.model.set_attn_implementation("eager")


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_every_logit_is_that_of_the_padded_batch(base: ChatBase, attention: str) -> None:
    padded = batch_of(base)
    with torch.no_grad():
        expected = base.model(**padded.model_inputs(), use_cache=False).logits[padded.attention_mask.bool()]
        with attending(base, attention):
            found = base.model(**pack(padded).model_inputs(), use_cache=False).logits[0]
    assert expected.std() > 0.05
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_the_packed_loss_equals_the_padded_one(base: ChatBase, attention: str) -> None:
    padded = batch_of(base)
    expected = taught_loss(base.model, padded)
    with attending(base, attention):
        loss = taught_loss(base.model, pack(padded))
    assert loss.item() == pytest.approx(expected.item(), abs=1e-3)


def test_packed_gradients_equal_padded_ones(base: ChatBase) -> None:
    padded = batch_of(base)

    def gradient(batch: Batch) -> torch.Tensor:
        base.model.zero_grad()
        taught_loss(base.model, batch).backward()
        return torch.cat([p.grad.flatten() for p in base.model.parameters() if p.grad is not None])

    expected = gradient(padded)
    with packed_attention(base.model):
        found = gradient(pack(padded))
    # Both run in bfloat16, whose rounding depends on the shapes.
    assert torch.cosine_similarity(found, expected, dim=0).item() > 0.999


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_no_example_hears_another(base: ChatBase, attention: str) -> None:
    """Other audio and text in the first and third example leave the second one's logits as they are."""

    def logits(seeds: tuple[int, int, int]) -> torch.Tensor:
        batch = base.batch([conversation(base, seconds=1.0, seed=seed) for seed in seeds])
        packed = pack(batch)
        first, second, _ = packed.segment_lengths.tolist()
        with torch.no_grad(), attending(base, attention):
            return base.model(**packed.model_inputs(), use_cache=False).logits[0, first : first + second]

    torch.testing.assert_close(logits((0, 5, 1)), logits((2, 5, 3)), atol=1e-5, rtol=1e-5)


def test_a_step_in_packed_rows_has_the_loss_of_the_whole_step(base: ChatBase) -> None:
    seconds = (0.5, 2.0, 1.3, 0.7, 1.9)
    examples = [conversation(base, seconds=s, seed=k) for k, s in enumerate(seconds)]
    whole = taught_loss(base.model, base.batch(examples)).item()
    lengths = [base.token_count(example) for example in examples]
    groups = balanced_groups(lengths, groups=2, capacity=2000)
    rows = [
        pack(base.batch([examples[place] for place in group]), weight=group_weight(group, groups)) for group in groups
    ]
    with packed_attention(base.model):
        losses = [taught_loss(base.model, row).item() for row in rows]
    assert len({row.examples for row in rows}) == 2
    assert np.mean(losses) == pytest.approx(whole, abs=1e-3)


def test_afterwards_padded_batches_go_as_before(base: ChatBase) -> None:
    padded = batch_of(base)
    before = taught_loss(base.model, padded).item()
    with packed_attention(base.model), pytest.raises(ValueError, match="packed batches only"):
        taught_loss(base.model, padded)
    assert taught_loss(base.model, padded).item() == before


lengths_of_steps = st.lists(st.integers(1, 6000), min_size=1, max_size=40)


@given(lengths_of_steps, st.integers(1, 9))
def test_groups_hold_every_example_once_and_weigh_as_much_as_they_hold(lengths: list[int], groups: int) -> None:
    found = balanced_groups(lengths, groups=groups, capacity=10**6)
    assert sorted(place for group in found for place in group) == list(range(len(lengths)))
    assert sum(group_weight(group, found) for group in found) == pytest.approx(len(found))


@given(lengths_of_steps)
def test_rows_keep_the_capacity_and_are_at_most_a_third_more_than_needed(lengths: list[int]) -> None:
    groups = fewest_groups(lengths, capacity=8192)
    assert all(sum(lengths[place] for place in group) <= 8192 for group in groups)
    needed = -(-sum(lengths) // 8192)
    # Two examples above half a row never share one.
    large = sum(length > 4096 for length in lengths)
    assert len(groups) <= max(needed, large) * 4 / 3 + 1


def test_an_example_longer_than_a_row_is_refused() -> None:
    with pytest.raises(RowTooLongError, match="9000 tokens does not fit into a row of 8192"):
        fewest_groups([100, 9000], capacity=8192)


def test_rows_that_cannot_hold_the_step_are_refused() -> None:
    with pytest.raises(RowTooLongError, match="use more rows or shorter excerpts"):
        balanced_groups([3000, 3000, 3000], groups=2, capacity=5000)


def test_waste_is_the_share_of_padding() -> None:
    assert padding_waste([10, 30, 20, 20], [[0, 1], [2, 3]]) == 1 - 80 / 100
