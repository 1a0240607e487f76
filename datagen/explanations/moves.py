"""What a clause asks for: a direction, an amount, a target, or a reason why it asks for nothing that can be applied."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.explanations.clauses import Clause
from datagen.explanations.scanning import Quantity
from datagen.words import MAX_GAIN_DB

_VERBS = frozenset({"up", "down", "soft_up", "past_up", "past_down"})


@dataclass(frozen=True)
class Move:
    """One stem's gain as read, in dB with its sign; low <= high, equal unless a range or a word was given."""

    stem: str
    low_db: float
    high_db: float
    from_words: bool = False

    @property
    def middle_db(self) -> float:
        """The middle of the range or band."""
        return (self.low_db + self.high_db) / 2.0


@dataclass(frozen=True)
class Direction:
    """Louder (+1), quieter (-1) or not said (0), or why it cannot be told."""

    sign: int
    problem: str = ""


def direction_of(clause: Clause) -> Direction:
    """The direction a clause's words give; strong words (up, cut, louder) outrank weak ones (more, push, off)."""
    strong = _signs(clause, up=("up", "past_up"), down=("down", "past_down"))
    weak = _signs(clause, up=("soft_up",), down=("soft_down", "less"))
    if clause.has("back") and not strong and not clause.has("soft_down"):
        # "Pull it back" retreats; "bring it back" may as well restore what was there.
        return Direction(-1) if clause.has("retreat") else Direction(0, "may mean either way (back)")
    if clause.has("less") and strong:
        return Direction(0, "weakens a move instead of stating one")
    if clause.has("lessen") and clause.position("as_noun") > clause.position("lessen") and clause.has("as_noun"):
        return Direction(0, "is about another move")
    signs = strong or weak
    if len(signs) > 1:
        return Direction(0, "points both ways")
    return Direction(next(iter(signs), 0))


def signed(quantity: Quantity, sign: int) -> tuple[float, float] | str:
    """Low and high of an amount in dB with the direction of its clause, or why it cannot be told."""
    if quantity.problem:
        return quantity.problem
    if sign and quantity.sign and sign != quantity.sign:
        return "has a sign that contradicts its words"
    either = sign or quantity.sign
    if quantity.high_db == 0.0:
        return 0.0, 0.0
    if either == 0:
        return "may or may not have a minus" if quantity.after_dash else "does not say louder or quieter"
    if quantity.high_db > MAX_GAIN_DB:
        return f"is out of range (at most {MAX_GAIN_DB:g} dB either way)"
    low, high = sorted((either * quantity.low_db, either * quantity.high_db))
    return low, high


def fault_sign(clause: Clause) -> int:
    """The direction of the cure for "too loud" (-1) or "too quiet" (+1); 0 when it is neither or both."""
    if not clause.has("too") or clause.has("negation"):
        return 0
    loud, quiet = clause.has("loud"), clause.has("quiet")
    return 0 if loud == quiet else -1 if loud else 1


def is_description(clause: Clause) -> bool:
    """Whether a clause says how things are or were, rather than what to do."""
    if clause.has("marker"):
        return False
    if clause.has("copula"):
        return not _commands_after_copula(clause)
    return clause.has("past", "past_up", "past_down") or clause.has("too")


def is_command(clause: Clause) -> bool:
    """Whether a clause tells somebody to do something, rather than listing levels."""
    opening = next((token for token in clause.tokens if "known" not in token.kinds or "command" in token.kinds), None)
    return clause.has("command", "marker") or (opening is not None and opening.text == "lower")


def is_circumstance(clause: Clause) -> bool:
    """Whether a clause only sets the scene: "with the vocals down 3 dB, ..."."""
    return bool(clause.tokens) and clause.tokens[0].text == "with" and not is_command(clause)


def is_relative(clause: Clause) -> bool:
    """Whether an amount is given against another stem or the rest: "3 dB below the drums"."""
    tokens = clause.tokens
    for at, token in enumerate(tokens):
        if "relative" not in token.kinds:
            continue
        after = [other for other in tokens[at + 1 :] if "determiner" not in other.kinds or "now" in other.kinds]
        if token.text == "than" and after and "now" in after[0].kinds:
            continue
        if token.text == "than" or (
            after and not after[0].kinds.isdisjoint({"stem", "part", "group", "whole", "pronoun"})
        ):
            return True
    return False


def starts_with_stem(clause: Clause) -> bool:
    """Whether nothing but articles stands before the first stem."""
    return all(token.kinds & {"determiner"} for token in clause.tokens[: clause.position("stem")])


def is_plain(clause: Clause) -> bool:
    """Whether every word is known, so that what it leaves out may be taken from the clause before."""
    return not clause.has("unknown", "part", "group")


def verb_leads(clause: Clause) -> bool:
    """Whether the direction stands before the stem, as a verb that may govern what follows."""
    return clause.position(*_VERBS) < clause.position("stem") or clause.position(*_VERBS) < clause.position(
        "quantity"
    ) < (clause.position("stem"))


def _signs(clause: Clause, *, up: tuple[str, ...], down: tuple[str, ...]) -> set[int]:
    return ({1} if clause.has(*up) else set()) | ({-1} if clause.has(*down) else set())


def _commands_after_copula(clause: Clause) -> bool:
    """True for "the fix is lowering the bass 3 dB": the verb comes after the copula, the stem after the verb."""
    return clause.position("copula") < clause.position("up", "down") < clause.position("stem") < len(clause.tokens)
