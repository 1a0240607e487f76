"""From gain changes to two texts: a finding, and an advice that never mentions a reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datagen.explanations.facts import ExplanationFacts
from datagen.explanations.phrasing import amount_text, as_sentence, number_text, stem_words
from datagen.explanations.reasons import write_reasons
from datagen.explanations.templates import Pattern, Templates, load_templates
from datagen.words import GRID_DB, MAX_GAIN_DB, Changes, GainChange, Register

Amounts = Literal["numbers", "words"]
"""Gains as numbers with dB, or as words of the declared magnitude table."""


@dataclass(frozen=True)
class Explanation:
    """The two texts of a triplet."""

    finding: str
    """What is wrong, with numbers; may mention the reference."""
    advice: str
    """What to do, as a producer reads it."""


def write(
    changes: Changes,
    *,
    facts: ExplanationFacts | None = None,
    register: Register = "terse",
    seed: int = 0,
    reference: bool = True,
    amounts: Amounts = "numbers",
) -> Explanation:
    """Finding and advice for gain changes on the 0.5 dB grid, +-12 dB.

    `seed` picks the sentence patterns and the order: the same seed gives the same words, seed 0 the plainest ones.
    Reasons are given only with `facts`, which must be measured in the problem set. With `reference` false the finding
    does not mention a reference either. Numbers read back exactly; `amounts="words"` reads back to a band. Raises
    ValueError for a gain off the grid, out of range or zero, a stem named twice, and an unknown register.
    """
    _check(changes)
    templates = load_templates(register)
    choose, flip = divmod(seed, 2)
    findings = templates.finding if reference else templates.finding_alone
    if not changes:
        matching = templates.finding_nothing if reference else templates.finding_alone_nothing
        return Explanation(matching[choose % len(matching)], templates.nothing[choose % len(templates.nothing)])
    ordered = changes if flip == 0 else _largest_first(changes)
    patterns = templates.advice if amounts == "numbers" else templates.words
    choose_more, pattern = divmod(choose, len(patterns))
    advice = _state(ordered, patterns[pattern])
    if facts is not None:
        reasons = write_reasons(ordered, facts, register=register, seed=choose_more)
        advice = _with_reasons(advice, reasons, layout=choose_more // 3)
    finding = _state(ordered, findings[choose % len(findings)])
    return Explanation(finding, _framed(advice, templates, choose_more))


def number_tokens() -> tuple[str, ...]:
    """All number words of the writer, smallest first."""
    return tuple(number_text(GRID_DB * step) for step in range(1, round(MAX_GAIN_DB / GRID_DB) + 1))


def _state(changes: Changes, pattern: Pattern) -> str:
    clauses = [
        _fill(pattern.first if position == 0 else pattern.next, change) for position, change in enumerate(changes)
    ]
    if pattern.join == "sentence":
        return " ".join(as_sentence(clause) for clause in clauses)
    if pattern.join == "comma":
        return as_sentence(", ".join(clauses))
    *most, last = clauses
    return as_sentence(f"{', '.join(most)} and {last}" if most else last)


def _fill(louder_quieter: tuple[str, str], change: GainChange) -> str:
    text = louder_quieter[0] if change.gain_db > 0 else louder_quieter[1]
    numbers = {"n": number_text(change.gain_db), "amount": amount_text(change.gain_db)}
    return text.format(**stem_words(change.stem), **numbers)


def _with_reasons(advice: str, reasons: tuple[str, ...], *, layout: int) -> str:
    """Reasons before the advice, after it, or tied to its only sentence with "because"."""
    if not reasons:
        return advice
    if layout % 3 == 2 and len(reasons) == 1 and ". " not in advice:
        return f"{advice[:-1]} because {reasons[0]}."
    sentences = " ".join(as_sentence(reason) for reason in reasons)
    return f"{sentences} {advice}" if layout % 3 == 1 else f"{advice} {sentences}"


def _framed(advice: str, templates: Templates, choose: int) -> str:
    intro = templates.intros[choose % len(templates.intros)]
    outro = templates.outros[choose // len(templates.intros) % len(templates.outros)]
    return " ".join(part for part in (intro, advice, outro) if part)


def _largest_first(changes: Changes) -> Changes:
    return tuple(sorted(changes, key=lambda change: -abs(change.gain_db)))


def _check(changes: Changes) -> None:
    for change in changes:
        steps = abs(change.gain_db) / GRID_DB
        if steps != round(steps) or not 0 < steps <= MAX_GAIN_DB / GRID_DB:
            raise ValueError(
                f"{change.stem} {change.gain_db:+g} dB cannot be written: gains are multiples of {GRID_DB} dB, "
                f"not zero, up to {MAX_GAIN_DB:g} dB either way"
            )
    if len({change.stem for change in changes}) != len(changes):
        raise ValueError("a stem is changed twice; give one gain a stem")
