"""Training: waiting for data, padding, and the speed of LoRA training on packed rows against the plain Trainer."""

from __future__ import annotations

from tests.bench.lora_speed import lora_speed_metrics
from tests.bench.metric import Metric
from tests.bench.padding import padding_metrics
from tests.bench.waiting_for_data import waiting_metrics


def run() -> list[Metric]:
    """All metrics of this bench."""
    return [*waiting_metrics(), *padding_metrics(), *lora_speed_metrics()]
