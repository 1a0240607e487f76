"""The conditions that are compared, as data: what an adapter was trained on, what it is shown, and the reference it
gets."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.words import REFERENCE_KINDS


@dataclass(frozen=True)
class Condition:
    """One row of the table."""

    system: str
    """Name of the adapter's folder, or `constant`: nothing to change, whatever is heard."""
    trained_on: str
    shown: str
    reference_kind: str
    shuffled: bool = False
    """The reference's audio is that of another item: what is left is not heard in the reference."""

    decoding: str = "greedy"

    @property
    def label(self) -> str:
        """The row's name: trained_on / shown / reference kind, and what else is special."""
        if self.system == "constant":
            return "constant answer"
        special = [
            note for note, holds in (("shuffled", self.shuffled), ("sampled", self.decoding == "sample")) if holds
        ]
        return ", ".join([f"{self.trained_on} / {self.shown} / {self.reference_kind}", *special])


SHIPPED_CONDITIONS: tuple[Condition, ...] = (
    *(Condition("stems_ref", "stems_ref", "stems_ref", kind) for kind in REFERENCE_KINDS),
    Condition("stems_ref", "stems_ref", "stems_ref", "same_passage", shuffled=True),
    Condition("stems_ref", "stems_ref", "stems_ref", "same_passage", decoding="sample"),
    Condition("mix", "mix", "mix", "none"),
    Condition("mix", "mix", "mix", "none", decoding="sample"),
    Condition("constant", "untuned", "mix", "none"),
)
