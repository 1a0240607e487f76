"""Why a move helps, in a mix engineer's words: every reason is computed from measured facts and true of them."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.explanations.facts import ExplanationFacts
from datagen.explanations.phrasing import frequency_text, spoken_stem, stem_words
from datagen.explanations.templates import load_templates
from datagen.words import Changes, GainChange, Register

BURIED_LU = 3
"""A stem counts as sitting under the rest from this many LU on."""


@dataclass(frozen=True)
class Reason:
    """A fact that speaks for a move: its kind (a key of the register's reasons) and the words to fill in."""

    kind: str
    words: tuple[tuple[str, str], ...]


def reasons_for(change: GainChange, facts: ExplanationFacts) -> tuple[Reason, ...]:
    """Everything measured that speaks for one gain change, the most telling first; empty when nothing does."""
    found = (_masking(change, facts), _ratio(change, facts), _lead(change, facts))
    return tuple(reason for reason in found if reason is not None)


def write_reasons(changes: Changes, facts: ExplanationFacts, *, register: Register, seed: int) -> tuple[str, ...]:
    """Reasons as clauses without capital and full stop: one a change, in terse texts one for the largest change."""
    patterns = load_templates(register).reasons
    here = f" in this {facts.section.replace('_', ' ')}" if facts.section else ""
    clauses: list[str] = []
    for change in sorted(changes, key=lambda change: -abs(change.gain_db)):
        reasons = reasons_for(change, facts)
        if not reasons:
            continue
        reason = reasons[seed % len(reasons)]
        wordings = patterns[reason.kind]
        clause = wordings[seed // 4 % len(wordings)].format(**dict(reason.words), here=here)
        if clause not in clauses:
            clauses.append(clause)
        if register == "terse":
            break
    return tuple(clauses)


def _masking(change: GainChange, facts: ExplanationFacts) -> Reason | None:
    """The stem to lower covers another one, or the stem to raise is covered."""
    for masking in facts.masking:
        if change.stem == (masking.masked if change.gain_db > 0 else masking.masker):
            words = {
                "masker": spoken_stem(masking.masker),
                "masked": spoken_stem(masking.masked),
                "are": stem_words(masking.masker)["are"],
                "low": frequency_text(masking.low_hz),
                "high": frequency_text(masking.high_hz),
            }
            return Reason("covers", tuple(words.items()))
    return None


def _ratio(change: GainChange, facts: ExplanationFacts) -> Reason | None:
    """The stem to raise lies under the rest, or the stem to lower lies over it or close to it."""
    ratio_lu = facts.ratio_lu.get(change.stem)
    if ratio_lu is None:
        return None
    whole_lu = round(ratio_lu)
    if change.gain_db > 0:
        kind = "under" if whole_lu <= -BURIED_LU else ""
    else:
        kind = "over" if whole_lu > 0 else "level" if whole_lu == 0 else "close" if whole_lu > -BURIED_LU else ""
    words = {**stem_words(change.stem), "lu": str(abs(whole_lu))}
    return Reason(kind, tuple(words.items())) if kind else None


def _lead(change: GainChange, facts: ExplanationFacts) -> Reason | None:
    """The stem to raise should lead, or the stem to lower should not."""
    if not facts.lead or (change.gain_db > 0) != (change.stem == facts.lead):
        return None
    return Reason("leads", tuple(stem_words(facts.lead).items()))
