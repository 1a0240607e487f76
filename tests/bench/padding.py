"""Padding among the language model's tokens on excerpts of mixed length, and that packing keeps the loss."""

from __future__ import annotations

import numpy as np

from tests.bench.metric import Goal, Metric
from tests.bench.mixed_lengths import mixed_examples, padded_batch
from training.bases.qwen2_audio import from_tiny_random_config
from training.loss import taught_loss
from training.packed_attention import packed_attention
from training.packing import fewest_groups, pack, padding_waste

EXAMPLES, STEP, BATCH, ROW_TOKENS = 2_048, 64, 4, 8_192
"""Packed are the examples of a step; the padded ones go in batches of four, drawn at random or sorted by length."""
LOSS_EXAMPLES = 6


def padding_metrics() -> list[Metric]:
    """Waste of packed rows beside padded batches, and the difference of the losses."""
    lengths = [example.tokens for example in mixed_examples(EXAMPLES, seed=3)]
    order = np.random.default_rng(4).permutation(EXAMPLES)
    at_random = [order[k : k + BATCH].tolist() for k in range(0, EXAMPLES, BATCH)]
    goal = Goal("ours", "at_most", 1.0)
    unit, what = "% of tokens", "padding, excerpts of 5-30 s"
    peer, peer_name = 100 * padding_waste(lengths, at_random), f"random batches of {BATCH}, padded"
    rows = [row for step in _steps(lengths) for row in fewest_groups(step, capacity=ROW_TOKENS)]
    return [
        Metric("training", f"{what}, packed rows", unit, _packed_waste(), peer, peer_name, goal=goal),
        Metric("training", f"{what}, batches by length", unit, _bucket_waste(lengths), peer, peer_name, goal=goal),
        Metric(
            "training", f"rows of {ROW_TOKENS:,} tokens that packing needs", "rows", len(rows),
            limit=sum(-(-sum(step) // ROW_TOKENS) for step in _steps(lengths)),
        ),
        Metric(
            "training", "packed loss against padded", "nats", _loss_difference(), goal=Goal("ours", "at_most", 1e-3),
        ),
    ]  # fmt: skip


def _steps(lengths: list[int]) -> list[list[int]]:
    return [lengths[k : k + STEP] for k in range(0, len(lengths), STEP)]


def _packed_waste() -> float:
    """Counted in the tensors that the model is given."""
    computed = real = 0
    for seed in range(2):
        examples = mixed_examples(STEP // 4, seed=seed)
        for group in fewest_groups([example.tokens for example in examples], capacity=ROW_TOKENS):
            members = [examples[place] for place in group]
            computed += pack(padded_batch(members, words=200, audio_id=1)).input_ids.numel()
            real += sum(example.tokens for example in members)
    return 100 * (computed - real) / computed


def _bucket_waste(lengths: list[int]) -> float:
    """Batches of neighbours within 50 batches, as the Trainer's group_by_length forms them."""
    chunk = 50 * BATCH
    places = [
        sorted(range(k, min(k + chunk, len(lengths))), key=lambda place: lengths[place])
        for k in range(0, len(lengths), chunk)
    ]
    groups = [part[k : k + BATCH] for part in places for k in range(0, len(part), BATCH)]
    return 100 * padding_waste(lengths, groups)


def _loss_difference() -> float:
    """On a small random model of the real class."""
    base = from_tiny_random_config(1, window_s=30)
    audio_id = int(base.model.config.audio_token_id)
    batch = padded_batch(
        mixed_examples(LOSS_EXAMPLES, seed=9), words=base.model.config.text_config.vocab_size, audio_id=audio_id
    )
    padded = taught_loss(base.model, batch).item()
    with packed_attention(base.model):
        return abs(taught_loss(base.model, pack(batch)).item() - padded)
