"""What has been read so far, and what a clause may take over from the ones before it."""

from __future__ import annotations

from dataclasses import dataclass, field

from datagen.explanations.clauses import Clause
from datagen.explanations.moves import Move, direction_of, is_plain, starts_with_stem, verb_leads


@dataclass(frozen=True)
class Pending:
    """Stems that were named without an amount."""

    stems: tuple[str, ...]
    sign: int
    text: str


@dataclass
class Bound:
    """Everything read so far."""

    moves: list[Move] = field(default_factory=list)
    faults: list[Move] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    forbidden: list[tuple[str, int]] = field(default_factory=list)
    """Stems and directions the text warns against: "don't turn the bass down"."""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    """`nothing`, `rest_only`, `balanced`, `fault`, `described`, `processing`, `conditional`."""
    pending: Pending | None = None
    mentioned: tuple[str, ...] = ()
    """The stems of the last clause that named any."""
    following: Clause | None = None
    """The clause after the one being read, in this sentence."""
    last: Clause | None = None
    """The last clause of this sentence that gave a move."""
    last_sign: int = 0
    heading: bool = False
    """Whether the sentence before was a heading over such a list, or part of the list."""
    comparing: bool = False
    """Whether levels listed now describe a difference: "compared with the reference: vocals -3 dB"."""
    question: bool = False
    """Whether the sentence being read is a question."""
    keeping: bool = False
    """Whether the clause before said to leave a stem alone."""


def close(bound: Bound) -> None:
    """Reports what was left without an amount."""
    if bound.pending is not None and bound.pending.sign:
        bound.problems.append(f"no amount for {names(bound.pending.stems)}: “{bound.pending.text}”")
    bound.pending = None


def close_others(bound: Bound, stems: tuple[str, ...]) -> None:
    """Reports waiting stems before others take their place."""
    if bound.pending is not None and bound.pending.stems != stems:
        close(bound)


def forget_waiting(bound: Bound, stems: tuple[str, ...]) -> None:
    """Lets go of stems that were merely named once others are spoken of: a later amount is not theirs for certain."""
    if bound.pending is not None and not bound.pending.sign and not set(stems) & set(bound.pending.stems):
        bound.pending = None


def keep_waiting(bound: Bound) -> bool:
    """Leaves alone the stems that were just named: "drums: leave", "bass: no change". False when there are none."""
    pending = bound.pending
    if pending is None or pending.sign:
        return False
    bound.unchanged.extend(pending.stems)
    bound.pending, bound.keeping = None, True
    return True


def carried_sign(bound: Bound, clause: Clause, sign: int) -> tuple[int, str]:
    """The direction of the clause, or of the words before that it leaves out."""
    pending = bound.pending
    if not clause.stems and pending is None and refines_words(bound):
        return (0, "points both ways") if sign == -bound.last_sign else (bound.last_sign, "")
    if pending is not None and pending.sign:
        if not clause.stems or (not sign and "shared" in clause.before and starts_with_stem(clause)):
            if sign and sign != pending.sign:
                return 0, "points both ways"
            return pending.sign, ""
        return sign, ""
    elided = not sign and not clause.quantities[0].sign and clause.stems and bound.last is not None
    if elided and bound.last is not None and verb_leads(bound.last) and _is_stem_and_amount(clause):
        return bound.last_sign, ""
    return sign, ""


def _is_stem_and_amount(clause: Clause) -> bool:
    """Whether a clause is only a stem and an amount, in either order: "and 2 dB to the bass"."""
    return is_plain(clause) and not clause.has("past", "copula")


def own_or_carried(bound: Bound, clause: Clause) -> tuple[str, ...]:
    """The stems a clause is about: named in it, shared with the clause before, meant by a pronoun, or waiting."""
    pending = bound.pending
    if clause.stems:
        shares = pending is not None and "shared" in clause.before and starts_with_stem(clause)
        if pending is not None and shares and (not pending.sign or not direction_of(clause).sign):
            return tuple(dict.fromkeys(pending.stems + clause.stems))
        return clause.stems
    if clause.has("pronoun") and not clause.has("part", "group"):
        return bound.mentioned if len(bound.mentioned) == 1 else ()
    if not is_plain(clause):
        return ()
    if pending is not None:
        return pending.stems
    if refines_words(bound) or (bound.last is None and len(bound.mentioned) == 1 and not bound.moves):
        return bound.mentioned
    return ()


def refines_words(bound: Bound) -> bool:
    """Whether an amount now would make the words just read exact: "up a touch, maybe 1.5 dB"."""
    return bound.last is not None and bool(bound.moves) and bound.moves[-1].from_words


def add_moves(
    bound: Bound, clause: Clause, stems: tuple[str, ...], amount: tuple[float, float], *, from_words: bool
) -> None:
    if bound.pending is not None and not set(bound.pending.stems) <= set(stems):
        close(bound)
    bound.pending = None
    bound.moves.extend(Move(stem, *amount, from_words) for stem in stems)
    bound.last, bound.last_sign = clause, 1 if sum(amount) > 0 else -1 if sum(amount) < 0 else 0
    bound.keeping = False


def names(stems: tuple[str, ...]) -> str:
    return " and ".join(stems)
