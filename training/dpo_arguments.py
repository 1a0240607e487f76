"""The arguments of `python -m training dpo`; they need no torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def add_dpo(commands: Any) -> None:
    """The command's arguments."""
    dpo = commands.add_parser("dpo", help="train an adapter on what producers preferred")
    dpo.add_argument("pairs", type=Path, help="training/audio/train.jsonl of a project export")
    dpo.add_argument("--held-out", type=Path, help="pairs of other tracks (default: test.jsonl beside it)")
    dpo.add_argument("--config", type=Path, help="default: training/configs/dpo/stems_ref.yaml")
