"""From gain changes to two texts: a finding, and an advice that never mentions a reference."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.explanations.facts import ExplanationFacts
from datagen.explanations.templates import Pattern, load_templates
from datagen.words import GRID_DB, MAX_GAIN_DB, SPOKEN_STEMS, Changes, GainChange, Register


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
) -> Explanation:
    """Finding and advice for gain changes on the 0.5 dB grid, +-12 dB.

    `seed` picks the sentence patterns and the order: the same seed gives the same words, seed 0 the plainest ones.
    Without `facts` no reasons are given. With `reference` false the finding does not mention a reference either.
    Raises ValueError for a gain off the grid, out of range or zero, and for a stem named twice.
    """
    _check(changes)
    templates = load_templates(register)
    choose, flip = divmod(seed, 2)
    ordered = changes if flip == 0 else _largest_first(changes)
    findings = templates.finding if reference else templates.finding_alone
    matching = templates.finding_nothing if reference else templates.finding_alone_nothing
    if not changes:
        return Explanation(matching[choose % len(matching)], templates.nothing[choose % len(templates.nothing)])
    finding = _state(ordered, findings[choose % len(findings)])
    advice = _state(ordered, templates.advice[choose % len(templates.advice)])
    return Explanation(finding, advice)


def number_text(gain_db: float) -> str:
    """The size of a gain as the writer writes it: 0.5, 1, 1.5, ..., 12; no sign, no unit."""
    return f"{abs(gain_db):g}"


def number_tokens() -> tuple[str, ...]:
    """All number words of the writer, smallest first."""
    return tuple(number_text(GRID_DB * step) for step in range(1, round(MAX_GAIN_DB / GRID_DB) + 1))


def spoken_stem(stem: str) -> str:
    """The stem with its article, as people say it."""
    return SPOKEN_STEMS.get(stem, f"the {stem.replace('_', ' ')}")


def _state(changes: Changes, pattern: Pattern) -> str:
    clauses = [
        _fill(pattern.first if position == 0 else pattern.next, change) for position, change in enumerate(changes)
    ]
    if pattern.join == "sentence":
        return " ".join(_sentence(clause) for clause in clauses)
    if pattern.join == "comma":
        return _sentence(", ".join(clauses))
    *most, last = clauses
    return _sentence(f"{', '.join(most)} and {last}" if most else last)


def _fill(louder_quieter: tuple[str, str], change: GainChange) -> str:
    text = louder_quieter[0] if change.gain_db > 0 else louder_quieter[1]
    the = spoken_stem(change.stem)
    name = the.removeprefix("the ")
    return text.format(the=the, name=name, n=number_text(change.gain_db), **_verbs(name))


def _verbs(name: str) -> dict[str, str]:
    if name.endswith("s") and not name.endswith("bass"):
        return {"are": "are", "sit": "sit", "need": "need"}
    return {"are": "is", "sit": "sits", "need": "needs"}


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


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
