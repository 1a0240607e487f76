"""Reading a study's plan: which systems take part where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studyweb.studies.models import Item, System

Plan = Mapping[str, Any]

COMPUTED_KINDS = (System.Kind.MODEL, System.Kind.ORACLE, System.Kind.CONSTANT)
"""Systems whose advice a worker computes, on every item: their error is measured beside what listeners prefer."""

IDENTICAL_GAINS = "identical_gains"
"""The check whose two advices move the same faders alike, in two phrasings."""

DELIVERED_KINDS = (System.Kind.IMPORTED, System.Kind.HUMAN)
"""Systems whose advice comes with `manage.py advice import`."""


def compared_keys(plan: Plan) -> set[str]:
    """Systems in any scored pair."""
    return {key for trial in plan["design"]["trials"] for key in trial["pair"]}


def checked_keys(plan: Plan) -> set[str]:
    """Systems in any check's pair."""
    return {key for check in plan["design"]["checks"] for key in check["pair"]}


def shown_keys(plan: Plan, role: str) -> set[str]:
    """Systems whose advice a participant may be shown on items of a role."""
    return checked_keys(plan) if role == Item.Role.CHECK else compared_keys(plan)


def needs_advice(plan: Plan, *, role: str, key: str, kind: str) -> bool:
    """Whether a system gives advice on items of this role."""
    return kind in COMPUTED_KINDS or key in shown_keys(plan, role)


def scored_trials(plan: Plan) -> int:
    """Scored trials of one participant, without repeats and checks."""
    return sum(int(trial["count"]) for trial in plan["design"]["trials"])


def check_trials(plan: Plan) -> int:
    """Check trials of one participant."""
    return sum(int(check["count"]) for check in plan["design"]["checks"])


def failable_checks(plan: Plan) -> int:
    """Check trials of one participant that have a better side; with identical gains there is none."""
    return sum(int(check["count"]) for check in plan["design"]["checks"] if check["kind"] != IDENTICAL_GAINS)


def declared_pairs(plan: Plan) -> tuple[tuple[str, str], ...]:
    """The pairs of the study file, the primary first, each once, whichever way round it is written later."""
    analysis, design = plan["analysis"], plan["design"]
    pairs = [tuple(analysis["primary"]["pair"]), *(tuple(entry["pair"]) for entry in design["trials"])]
    found: dict[frozenset[str], tuple[str, str]] = {}
    for first, second in pairs:
        found.setdefault(frozenset((first, second)), (first, second))
    return tuple(found.values())
