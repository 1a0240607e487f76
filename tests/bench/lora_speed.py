"""LoRA training of a Qwen2-Audio model with random weights: packed rows against the plain Trainer with padding.

On a GPU the model has the shape of Qwen2-Audio-7B; elsewhere it is a small one, which settles nothing.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import (
    PrinterCallback,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from tests.bench.metric import Goal, Metric
from tests.bench.mixed_lengths import CLIPS, RandomExample, mixed_examples, padded_batch
from training.adapters import add_lora
from training.examples import Batch
from training.loss import causal_model, taught_loss
from training.packed_attention import packed_attention
from training.packing import PackedBatch, fewest_groups, group_weight, pack
from training.run_config import LoraSettings
from training.trainer import batch_on

AUDIO_ID = 5
BATCH = 4
REPEATS, REPEATS_WITHOUT_GPU = 7, 3
NO_GPU = "no GPU here: a small model on the processor"
TOWER_STEPS = 1500
"""Positions of the tower for every clip; a short one is followed by silence."""


@dataclass(frozen=True)
class Scale:
    """A model's shape, and how much of it is trained on at a time."""

    language: dict[str, int]
    tower: dict[str, int]
    examples: int
    row_tokens: int


SEVEN_BILLION = Scale(
    {"hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
     "intermediate_size": 11008, "vocab_size": 156032},
    {"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20, "encoder_ffn_dim": 5120},
    examples=32,
    row_tokens=4096,
)  # fmt: skip
"""Source: config.json of Qwen/Qwen2-Audio-7B."""
SMALL = Scale(
    {"hidden_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
     "intermediate_size": 352, "vocab_size": 4000},
    {"d_model": 32, "encoder_layers": 1, "encoder_attention_heads": 2, "encoder_ffn_dim": 64},
    examples=8,
    row_tokens=2048,
)  # fmt: skip


def lora_speed_metrics() -> list[Metric]:
    """Real tokens a second, share of the device's peak, and peak memory."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    on_gpu = device.type == "cuda"
    scale = SEVEN_BILLION if on_gpu else SMALL
    examples = mixed_examples(scale.examples, seed=6)
    model = _model(scale, device)
    ours, theirs = Packed(model, examples, scale=scale, device=device), Plain(model, examples, scale=scale)
    _measured(ours.step, device)
    repeats = REPEATS if on_gpu else REPEATS_WITHOUT_GPU
    rounds = [(_measured(ours.step, device), _measured(theirs.step, device)) for _ in range(repeats)]
    (seconds, memory), (peer_seconds, peer_memory) = (_medians([each[side] for each in rounds]) for side in (0, 1))
    tokens = sum(example.tokens for example in examples)
    speed, peer_speed = tokens / seconds, tokens / peer_seconds
    flops = _flops(model, tokens=tokens, clips=CLIPS * len(examples))
    peak = _peak_flops(device) if on_gpu else None
    peer = f"Trainer, padded batches of {theirs.batch}"
    what = "LoRA on a 7B-shaped Qwen2-Audio" if on_gpu else "LoRA on a small Qwen2-Audio"
    why = "" if on_gpu else NO_GPU
    limit = None if peak is None else peak / (flops / tokens)
    return [
        Metric(
            "training", f"{what}, excerpts of 5-30 s, packed", "real tokens/s", speed, peer_speed, peer, limit=limit,
            goal=Goal("ratio_to_peer", "at_least", 2.0), why=why, settles=on_gpu,
        ),
        Metric(
            "training", "its share of the GPU's measured bfloat16 peak", "%",
            None if peak is None else 100 * flops / seconds / peak,
            None if peak is None else 100 * flops / peer_seconds / peak,
            None if peak is None else peer,
            goal=Goal("ours", "at_least", 50.0), why=why,
        ),
        Metric(
            "training", "its peak memory", "GiB", memory, peer_memory, None if peer_memory is None else peer, why=why
        ),
    ]  # fmt: skip


def _model(scale: Scale, device: torch.device) -> Any:
    """Random weights, bfloat16 on a GPU, with a fresh adapter on the language model."""
    config = Qwen2AudioConfig(
        audio_config={"model_type": "qwen2_audio_encoder", "num_mel_bins": 128, "max_source_positions": TOWER_STEPS,
                      **scale.tower},
        text_config={"model_type": "qwen2", "max_position_embeddings": 8192, "use_sliding_window": False,
                     **scale.language},
        audio_token_index=AUDIO_ID,
    )  # fmt: skip
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    torch.manual_seed(1)
    with device:
        base = Qwen2AudioForConditionalGeneration._from_config(config, attn_implementation="sdpa", dtype=dtype)
    return add_lora(base, LoraSettings(), name="bench")


class Packed:
    """A step of ours: the examples in packed rows, logits where something is taught."""

    def __init__(self, model: Any, examples: Sequence[RandomExample], *, scale: Scale, device: torch.device) -> None:
        groups = fewest_groups([example.tokens for example in examples], capacity=scale.row_tokens)
        self.rows: list[PackedBatch] = [
            pack(_batch([examples[place] for place in group], scale), weight=group_weight(group, groups))
            for group in groups
        ]
        self.model, self.device = model, device
        trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.optimiser = torch.optim.AdamW(trained, lr=1e-5, fused=True)

    def step(self) -> float:
        """Seconds of one step over all examples."""
        self.model.train()
        started = time.perf_counter()
        with packed_attention(causal_model(self.model)):
            for row in self.rows:
                (taught_loss(self.model, batch_on(row, self.device)) / len(self.rows)).backward()
        self.optimiser.step()
        self.optimiser.zero_grad()
        _wait(self.device)
        return time.perf_counter() - started


class Plain:
    """The same examples in the Trainer as it comes: random batches, padded, gradients added up over the step."""

    def __init__(self, model: Any, examples: Sequence[RandomExample], *, scale: Scale) -> None:
        self.model, self.examples, self.scale = model, examples, scale
        self.batch = self._largest_batch()

    def _largest_batch(self) -> int:
        """As many examples at once as fit: padded batches keep the logits of every position."""
        for batch in (BATCH, BATCH // 2):
            try:
                self._step(batch)
            except torch.OutOfMemoryError:
                self.model.zero_grad()
                torch.cuda.empty_cache()
            else:
                return batch
        return 1

    def step(self) -> float:
        """Seconds of one step over all examples."""
        return self._step(self.batch)

    def _step(self, batch: int) -> float:
        clock = StepClock()
        with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as folder:
            trainer = Trainer(
                self.model,
                _plain_arguments(folder, batch=batch, parts=len(self.examples) // batch),
                train_dataset=list(self.examples),
                data_collator=lambda examples: _plain_inputs(_batch(examples, self.scale)),
                callbacks=[clock],
            )
            trainer.remove_callback(PrinterCallback)
            trainer.train()
            # The Trainer wraps the model's forward, which the other side trains as well.
            trainer.accelerator.unwrap_model(trainer.model_wrapped, keep_fp32_wrapper=False)
        return clock.seconds


class StepClock(TrainerCallback):
    """Seconds from the first step's start to the end of training, without the Trainer's own preparation."""

    seconds = 0.0

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self.seconds -= time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        _wait(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
        self.seconds += time.perf_counter()


def _plain_arguments(folder: str, *, batch: int, parts: int) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        max_steps=1,
        per_device_train_batch_size=batch,
        gradient_accumulation_steps=parts,
        bf16=True,
        learning_rate=1e-5,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        use_cpu=not torch.cuda.is_available(),
    )


def _plain_inputs(batch: Batch) -> dict[str, torch.Tensor]:
    return {**batch.model_inputs(), "labels": batch.labels()}


def _batch(examples: Sequence[RandomExample], scale: Scale) -> Batch:
    return padded_batch(examples, words=scale.language["vocab_size"], audio_id=AUDIO_ID)


def _measured(step: Callable[[], float], device: torch.device) -> tuple[float, float | None]:
    """Seconds of a step, and the most memory in GiB that it held on the GPU."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    seconds = step()
    return seconds, torch.cuda.max_memory_allocated() / 2**30 if device.type == "cuda" else None


def _medians(rounds: Sequence[tuple[float, float | None]]) -> tuple[float, float | None]:
    seconds, memory = zip(*rounds, strict=True)
    return statistics.median(seconds), None if memory[0] is None else max(memory)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _flops(model: Any, *, tokens: int, clips: int) -> float:
    """What training needs for the real tokens: 4 a parameter and token of the language model (its frozen weights get
    no gradient), 2 a parameter and position of the frozen tower. Attention's own products are left out."""
    inner = causal_model(model).model
    language = sum(p.numel() for p in inner.language_model.layers.parameters())
    tower = sum(p.numel() for p in inner.audio_tower.layers.parameters())
    return 4.0 * language * tokens + 2.0 * tower * clips * TOWER_STEPS


def _peak_flops(device: torch.device, *, size: int = 8192, products: int = 20) -> float:
    """bfloat16 FLOP/s of large matrix products, the best of a few."""
    first, second = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    best = float("inf")
    for _ in range(4):
        _wait(device)
        started = time.perf_counter()
        for _ in range(products):
            torch.mm(first, second)
        _wait(device)
        best = min(best, time.perf_counter() - started)
    return products * 2.0 * size**3 / best
