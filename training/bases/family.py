"""What tells one family of bases from another, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from training.bases.base import LoraScope

LANGUAGE_LINEARS = r".*language_model\.layers\.\d+\.(self_attn\.(q|k|v|o)_proj|mlp\.(gate|up|down)_proj)"
"""The linears of the language model, in every family that is supported."""


@dataclass(frozen=True)
class Family:
    """A family of bases: its class in transformers, its audio tokens, its windows, its module names."""

    name: str
    model_types: tuple[str, ...]
    """`model_type` in config.json."""
    class_name: str
    """The class in transformers."""
    audio_mark: str
    """The token that audio takes the place of, once for each position."""
    begin_mark: str
    """The token before a clip; empty where the family has none."""
    end_mark: str
    max_clip_s: float
    fills_window: bool
    """Whether the tower takes whole windows only, filled up with silence."""
    feature_mask_name: str
    projector: str
    """Regular expression on the full names of the projector's linears."""
    tower: str
    """The same for the audio tower's."""
    never_opened: tuple[str, ...] = ()
    """Pickles of the published folder that the class does not read."""
    scopes: Mapping[LoraScope, str] = field(init=False)
    """Regular expressions of everything that LoRA can be put on."""

    def __post_init__(self) -> None:
        scopes: dict[LoraScope, str] = {
            "language": LANGUAGE_LINEARS,
            "language+projector": f"({LANGUAGE_LINEARS})|({self.projector})",
            "language+tower": f"({LANGUAGE_LINEARS})|({self.tower})",
            "tower": self.tower,
        }
        object.__setattr__(self, "scopes", scopes)
