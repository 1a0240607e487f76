"""Ties amounts and directions to stems, clause by clause. What cannot be tied for certain becomes a problem."""

from __future__ import annotations

from itertools import zip_longest

from datagen.explanations.bound import (
    Bound,
    Pending,
    add_moves,
    carried_sign,
    close,
    close_others,
    forget_waiting,
    keep_waiting,
    names,
    own_or_carried,
)
from datagen.explanations.clauses import Clause, Sentence
from datagen.explanations.moves import (
    Move,
    direction_of,
    fault_sign,
    is_circumstance,
    is_command,
    is_description,
    is_plain,
    is_relative,
    signed,
    starts_with_stem,
)


def bind_sentence(bound: Bound, sentence: Sentence) -> None:
    """Adds what one sentence says."""
    bound.last, bound.keeping = None, False
    bound.question = sentence.question
    heading = not any(clause.stems or clause.quantities for clause in sentence.clauses)
    listing = bound.comparing and bound.heading
    bound.comparing = listing
    if sentence.conditional:
        bound.flags.add("conditional")
        bound.notes.append("left out: what depends on a condition")
    for clause, following in zip_longest(sentence.clauses, sentence.clauses[1:]):
        bound.following = following
        _bind_clause(bound, clause)
        if clause.stems:
            bound.mentioned = clause.stems
            forget_waiting(bound, clause.stems)
    bound.heading = bound.comparing and (heading or listing)


def _bind_clause(bound: Bound, clause: Clause) -> None:
    if clause.has("rest_only"):
        bound.flags.add("rest_only")
    _notice_comparison(bound, clause)
    for step in (_refuse, _nothing, _negated, _described):
        if step(bound, clause):
            return
    if clause.quantities:
        _amount(bound, clause)
    else:
        _without_amount(bound, clause)


def _notice_comparison(bound: Bound, clause: Clause) -> None:
    """Levels after "differences:" or "compared with the reference" describe, until something is asked for."""
    if clause.has("advising") or is_command(clause):
        bound.comparing = False
    elif clause.has("comparison") and not clause.has("copula"):
        bound.comparing = True


def _refuse(bound: Bound, clause: Clause) -> bool:
    """Sets aside clauses about other tools, and reports those no gain can be read from."""
    asks = clause.has("quantity", "up", "down", "amount", "stem")
    if clause.has("not_a_number"):
        bound.problems.append(f"not a finite number: “{clause.text}”")
    elif clause.has("mute") and asks:
        bound.problems.append(f"not a gain in dB: “{clause.text}”")
    elif clause.has("processing"):
        if clause.has("quantity", "amount", "up", "down", "soft_up", "other_unit") and not is_description(clause):
            bound.notes.append(f"left out, not a gain change: “{clause.text}”")
        bound.flags.add("processing")
    else:
        return False
    return True


def _nothing(bound: Bound, clause: Clause) -> bool:
    """Reads "leave it", "nothing to change" and "the balance works"."""
    if clause.has("nothing") and not clause.quantities:
        pronoun = clause.tokens[clause.position("nothing")].text in {"leave it", "keep it"}
        if pronoun and len(bound.mentioned) == 1 and bound.keeping:
            bound.unchanged.extend(bound.mentioned)
        elif clause.stems or keep_waiting(bound):
            bound.unchanged.extend(clause.stems)
        else:
            bound.flags.add("nothing")
        return True
    if clause.has("balanced") and not clause.quantities and not clause.stems:
        bound.flags.add("balanced")
        return True
    return False


def _negated(bound: Bound, clause: Clause) -> bool:
    if not clause.has("negation"):
        return False
    if clause.quantities and not clause.has("limit"):
        bound.problems.append(f"says what not to do: “{clause.text}”")
    elif not clause.quantities and not clause.stems:
        keep_waiting(bound)
    elif not clause.quantities and _says_what_stays(clause):
        sign = direction_of(clause).sign
        if sign:
            bound.forbidden.extend((stem, sign) for stem in clause.stems)
        else:
            bound.unchanged.extend(clause.stems)
        bound.keeping = True
    return not (clause.quantities and clause.has("limit"))


def _says_what_stays(clause: Clause) -> bool:
    """Whether a negation is about leaving stems alone: "don't touch the bass", "not the bass", not "not sure"."""
    if clause.has("touching"):
        return True
    return not clause.has("copula") and (clause.has("keep", "holding", "up", "down") or is_plain(clause))


def _described(bound: Bound, clause: Clause) -> bool:
    """Reads statements about how the mix is: only "too loud by 3 dB" implies a move."""
    listed = (bound.comparing and not is_command(clause)) or is_circumstance(clause)
    if not is_description(clause) and not (listed and clause.has("quantity", "amount")):
        return False
    sign = fault_sign(clause)
    if bound.question:
        bound.flags.add("described")
    elif clause.quantities and sign and len(clause.stems) == 1 and not is_relative(clause):
        _fault(bound, clause, sign)
    elif clause.has("too"):
        bound.flags.add("fault")
    elif clause.quantities:
        bound.flags.add("relative" if is_relative(clause) else "described")
    elif clause.has("keep", "balanced") and clause.stems:
        bound.keeping = True
    return True


def _fault(bound: Bound, clause: Clause, sign: int) -> None:
    amount = signed(clause.quantities[0], sign)
    if isinstance(amount, str):
        bound.problems.append(f"{clause.quantities[0].text} {amount}")
    else:
        bound.faults.append(Move(clause.stems[0], *amount))
        bound.last, bound.last_sign = None, 0


def _without_amount(bound: Bound, clause: Clause) -> None:
    direction = direction_of(clause)
    if not clause.stems and clause.has("keep", "holding") and not direction.sign and keep_waiting(bound):
        return
    if clause.stems and clause.has("keep", "holding") and not (direction.sign and clause.has("amount")):
        bound.unchanged.extend(clause.stems)
        bound.keeping = True
    elif clause.has("amount") and (direction.sign or direction.problem):
        _word_amount(bound, clause)
    elif clause.has("other_unit", "number") and (clause.stems or (direction.sign and bound.pending)):
        _unitless(bound, clause)
    elif _asks(clause, direction.sign) and (clause.stems or clause.has("pronoun") or bound.pending):
        _wait_for_amount(bound, clause, direction.sign)
    elif _asks(clause, direction.sign) and clause.has("part", "group", "whole"):
        bound.problems.append(f"names no stem that can be changed: “{clause.text}”")
    elif clause.stems:
        _bare(bound, clause)


def _asks(clause: Clause, sign: int) -> bool:
    """Whether a clause asks for a move: by a strong word, or by a weak one with nothing else in it ("more bass")."""
    weak = bool(sign) and is_plain(clause) and not clause.has("neutral")
    return clause.has("up", "down") or weak


def _unitless(bound: Bound, clause: Clause) -> None:
    bound.problems.append(f"an amount without dB: “{clause.text}”")


def _wait_for_amount(bound: Bound, clause: Clause, sign: int) -> None:
    stems = own_or_carried(bound, clause)
    close_others(bound, stems)
    bound.pending = Pending(stems, sign, clause.text) if stems else None
    if not stems:
        bound.problems.append(f"names no stem: “{clause.text}”")


def _bare(bound: Bound, clause: Clause) -> None:
    """Stems without direction or amount: shared with the clause before or after, kept, or a mere mention."""
    if bound.keeping and starts_with_stem(clause) and not _completed(bound):
        bound.unchanged.extend(clause.stems)
    elif bound.last is not None and not clause.has("unknown") and starts_with_stem(clause) and not _completed(bound):
        if _shares_backwards(bound, clause):
            previous = bound.moves[-1]
            bound.moves.extend(
                Move(stem, previous.low_db, previous.high_db, previous.from_words) for stem in clause.stems
            )
        else:
            bound.problems.append(f"no amount for {names(clause.stems)}: “{clause.text}”")
    elif is_plain(clause) and not clause.has("loud", "quiet"):
        if bound.pending is not None and bound.pending.sign:
            close(bound)
        waiting = bound.pending.stems if bound.pending and "shared" in clause.before else ()
        bound.pending = Pending(tuple(dict.fromkeys(waiting + clause.stems)), 0, clause.text)


def _completed(bound: Bound) -> bool:
    """Whether the clause after this one brings the amount: "..., bass: down 2 dB"."""
    following = bound.following
    return following is not None and not following.stems and following.has("quantity", "amount", "up", "down")


def _shares_backwards(bound: Bound, clause: Clause) -> bool:
    """Whether stems belong to the amount before them: "add 3 dB to the vocals and the bass"."""
    last, following = bound.last, bound.following
    if last is None or "shared" not in clause.before or not last.position("quantity") < last.position("stem"):
        return False
    forwards = following is not None and bool(following.quantities) and starts_with_stem(following)
    return last.has("stem") and not forwards


def _word_amount(bound: Bound, clause: Clause) -> None:
    direction = direction_of(clause)
    stems = own_or_carried(bound, clause)
    if direction.problem or not stems:
        bound.problems.append(f"{direction.problem or 'names no stem'}: “{clause.text}”")
        return
    band = next(token.band_db for token in clause.tokens if "amount" in token.kinds)
    low, high = sorted((direction.sign * band[0], direction.sign * band[1]))
    add_moves(bound, clause, stems, (low, high), from_words=True)


def _amount(bound: Bound, clause: Clause) -> None:
    """Reads a clause with an amount in dB."""
    problem = _amount_problem(bound, clause)
    stems = () if problem else own_or_carried(bound, clause)
    if not problem and not stems:
        problem = "names no stem that can be changed"
    if problem:
        bound.problems.append(f"{problem}: “{clause.text}”")
        bound.pending = None
        return
    direction = direction_of(clause)
    sign, problem = carried_sign(bound, clause, direction.sign)
    amount = direction.problem or problem or signed(clause.quantities[0], sign)
    if isinstance(amount, str):
        bound.problems.append(f"{clause.quantities[0].text} {amount}: “{clause.text}”")
        bound.pending = None
        return
    add_moves(bound, clause, stems, amount, from_words=False)


def _amount_problem(bound: Bound, clause: Clause) -> str:
    if clause.has("limit") and clause.position("limit") < clause.position("quantity"):
        return "gives a limit, not an amount"
    if clause.has("respectively") or len(clause.quantities) > 1:
        return "several amounts that cannot be told apart"
    if is_relative(clause):
        return "relative to something else in the mix"
    if "alternative" in clause.before and (bound.moves or bound.pending):
        return "offers alternatives"
    if clause.has("part"):
        return f"“{clause.tokens[clause.position('part')].text}” is not a stem that can be changed"
    if clause.has("group") or (clause.has("whole") and not clause.stems):
        return "moves a group, not a stem"
    if clause.has("holding"):
        return "keeps and moves at once"
    if len(clause.stems) > 1:
        return "several stems for one amount"
    return ""
