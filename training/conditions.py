"""The conditions that are compared, as data: what an adapter was trained on, what it is shown, and the reference it
gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from datagen.words import REFERENCE_KINDS

CONSTANT, ORACLE, UNTUNED = "constant", "oracle", "untuned"
"""Systems without an adapter: nothing to change, whatever is heard; least squares on the stems; the base alone."""

Control = Literal["", "reference shuffled", "trained shuffled", "text only"]


@dataclass(frozen=True)
class Condition:
    """One row of the table."""

    system: str
    """Name of the adapter's folder, or `constant`, `oracle`, `untuned`."""
    trained_on: str
    shown: str
    reference_kind: str
    control: Control = ""
    """`reference shuffled`: the reference's audio is that of another item. `trained shuffled`: in training too, so that
    the reference can only be noise. `text only`: every clip is silent, in training too."""
    decoding: str = "greedy"
    listens_again: bool = False
    """Whether its advice is applied and asked for again, over up to three rounds."""
    at_spreads: bool = False
    """Whether it is also scored on songs of other balance spreads."""

    @property
    def label(self) -> str:
        """The row's name: trained_on / shown / reference kind, and what else is special."""
        if self.system == CONSTANT:
            return "constant answer: nothing to change"
        if self.system == ORACLE:
            return f"DSP oracle / {self.shown} / {self.reference_kind}"
        special = [note for note in (self.control, "sampled" if self.decoding == "sample" else "") if note]
        return ", ".join([f"{self.trained_on} / {self.shown} / {self.reference_kind}", *special])

    @property
    def shuffled(self) -> bool:
        """Whether the reference is another item's."""
        return self.control in ("reference shuffled", "trained shuffled")

    @property
    def silent(self) -> bool:
        """Whether nothing is heard."""
        return self.control == "text only"

    @property
    def adapter(self) -> str:
        """The folder of the adapter it needs; empty when it needs none."""
        return "" if self.system in (CONSTANT, ORACLE, UNTUNED) else self.system


def _with_reference(shown: str) -> tuple[Condition, ...]:
    """A system that compares, with every kind of reference and without one."""
    told = ("same_passage", "none")
    return tuple(
        Condition(shown, shown, shown, kind, listens_again=True, at_spreads=kind in told) for kind in REFERENCE_KINDS
    )


CONDITIONS: tuple[Condition, ...] = (
    *_with_reference("stems_ref"),
    Condition("stems_ref", "stems_ref", "stems_ref", "same_passage", "reference shuffled"),
    Condition("stems_ref", "stems_ref", "stems_ref", "same_passage", decoding="sample"),
    Condition("stems_ref_shuffled", "stems_ref", "stems_ref", "same_passage", "trained shuffled"),
    Condition("stems", "stems", "stems", "none", listens_again=True, at_spreads=True),
    *_with_reference("mix_ref"),
    Condition("mix", "mix", "mix", "none", listens_again=True, at_spreads=True),
    Condition("mix", "mix", "mix", "none", decoding="sample", listens_again=True),
    Condition("text_only", "stems_ref", "stems_ref", "same_passage", "text only"),
    Condition(UNTUNED, "untuned", "stems_ref", "same_passage"),
    Condition(UNTUNED, "untuned", "mix", "none"),
    Condition(ORACLE, "untuned", "stems_ref", "same_passage", listens_again=True),
    Condition(CONSTANT, "untuned", "mix", "none", listens_again=True),
)


def needed_adapters(conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Folders of the adapters that conditions need, each once, in order."""
    return tuple(dict.fromkeys(condition.adapter for condition in conditions if condition.adapter))


def of_adapters(conditions: Sequence[Condition], present: Sequence[str]) -> tuple[Condition, ...]:
    """The conditions that can be scored with the adapters that are present."""
    return tuple(condition for condition in conditions if not condition.adapter or condition.adapter in present)
