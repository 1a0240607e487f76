"""A study file's system entry, checked: what produces the advice, what it is shown, and with which reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from datagen.requests import AdviceRequest
from datagen.words import REFERENCE_KINDS, REGISTERS, SHOWN, TRAINED_ON, ReferenceKind, Register, Shown, TrainedOn
from training.answering import METHODS

KINDS: tuple[str, ...] = ("model", "shuffled_reference", "oracle", "constant")
"""`model`: base + adapter. `shuffled_reference`: the same, given the reference of another track. `oracle`: least
squares on problem and reference. `constant`: nothing to change, whatever is heard."""
REGISTERS_WRITTEN: tuple[str, ...] = ("terse",)
"""The registers that the shipped models were taught."""


class SystemEntryError(ValueError):
    """A system entry or request that cannot be run; the message names every problem."""


@dataclass(frozen=True)
class System:
    """What produces advice."""

    key: str
    kind: str
    adapter: str
    """A folder of the shipped weights by name, a local path, or empty for the untuned base."""
    trained_on: TrainedOn
    shown: Shown
    reference_kind: ReferenceKind
    register: Register
    decoding: str
    """How tokens are chosen: `greedy` or `sample`."""


def system_of(request: AdviceRequest) -> System:
    """The request's system. Raises SystemEntryError naming every problem of the entry and of the request."""
    entry = request.system
    kind = str(entry.get("kind", ""))
    problems = [f"kind is {kind!r}, expected one of {', '.join(KINDS)}"] if kind not in KINDS else []
    trained_on = _one_of(entry, "trained_on", TRAINED_ON, "untuned", problems)
    shown = _one_of(entry, "shown", SHOWN, "stems_ref" if kind == "oracle" else "mix", problems)
    reference_kind = _one_of(entry, "reference_kind", REFERENCE_KINDS, "none", problems)
    register = _one_of(entry, "register", REGISTERS, "terse", problems)
    decoding = str((entry.get("decoding") or {}).get("method") or "greedy")
    if decoding not in METHODS:
        problems.append(f"decoding method is {decoding!r}, expected one of {', '.join(METHODS)}")
    problems += _request_problems(request, kind, shown, reference_kind, register)
    if problems:
        raise SystemEntryError(f"system {entry.get('key', '?')!r}, item {request.item_id!r}: " + "; ".join(problems))
    return System(
        key=str(entry.get("key", "")),
        kind=kind,
        adapter=str(entry.get("adapter") or ""),
        trained_on=_literal(trained_on, TrainedOn),
        shown=_literal(shown, Shown),
        reference_kind=_literal(reference_kind, ReferenceKind),
        register=_literal(register, Register),
        decoding=decoding,
    )


def needs_reference(system: System) -> bool:
    """Whether reference audio is read for this system."""
    return system.shown in ("mix_ref", "stems_ref") and system.reference_kind != "none"


def _one_of(entry: Mapping[str, Any], name: str, allowed: tuple[str, ...], default: str, problems: list[str]) -> str:
    value = str(entry.get(name) or default)
    if value not in allowed:
        problems.append(f"{name} is {value!r}, expected one of {', '.join(allowed)}")
    return value


def _request_problems(request: AdviceRequest, kind: str, shown: str, reference_kind: str, register: str) -> list[str]:
    problems = []
    paired = shown in ("mix_ref", "stems_ref") and reference_kind != "none"
    if paired and kind != "constant" and request.reference_excerpt is None:
        problems.append(f"reference_kind is {reference_kind!r} but the request has no reference excerpt")
    if kind == "oracle" and reference_kind != "same_passage":
        problems.append("the oracle needs reference_kind same_passage: it compares samples")
    if kind in ("model", "shuffled_reference") and register not in REGISTERS_WRITTEN:
        problems.append(f"register is {register!r}, the models write {', '.join(REGISTERS_WRITTEN)}")
    if kind == "shuffled_reference":
        other = request.reference_excerpt
        if not paired or other is None or other.track == request.excerpt.track:
            problems.append("shuffled_reference needs a reference excerpt of another track")
    return problems


def _literal(value: str, literal: Any) -> Any:
    assert value in get_args(literal), f"{value} was checked before"
    return value
