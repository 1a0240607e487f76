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

    @property
    def label(self) -> str:
        """The row's name: trained_on / shown / reference kind."""
        kind = f"{self.reference_kind}, shuffled" if self.shuffled else self.reference_kind
        return f"{self.trained_on} / {self.shown} / {kind}"


SHIPPED_CONDITIONS: tuple[Condition, ...] = (
    *(Condition("stems_ref", "stems_ref", "stems_ref", kind) for kind in REFERENCE_KINDS),
    Condition("stems_ref", "stems_ref", "stems_ref", "same_passage", shuffled=True),
    Condition("mix", "mix", "mix", "none"),
    Condition("constant", "untuned", "mix", "none"),
)
