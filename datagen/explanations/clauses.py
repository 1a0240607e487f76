"""From tokens to clauses: what is said about which stem, with reasons, purposes and conditions set aside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from datagen.explanations.scanning import Quantity, Token

_TARGETS = frozenset({"determiner", "stem", "part", "group", "whole", "quantity", "number", "now", "pronoun"})


@dataclass(frozen=True)
class Clause:
    """A stretch of tokens between two boundaries."""

    tokens: tuple[Token, ...]
    before: frozenset[str] = frozenset()
    """Kinds of the boundary before it, empty at the start of a sentence."""

    def has(self, *kinds: str) -> bool:
        """Whether any token may be of one of these kinds."""
        return any(not token.kinds.isdisjoint(kinds) for token in self.tokens)

    def position(self, *kinds: str) -> int:
        """Where the first token of one of these kinds stands; past the end when there is none."""
        found = (at for at, token in enumerate(self.tokens) if not token.kinds.isdisjoint(kinds))
        return next(found, len(self.tokens))

    @property
    def stems(self) -> tuple[str, ...]:
        """The stems it names, each once, in the order named."""
        return tuple(dict.fromkeys(token.stem for token in self.tokens if token.stem))

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The amounts in dB it states."""
        return tuple(token.quantity for token in self.tokens if token.quantity is not None)

    @property
    def text(self) -> str:
        """Its words, for messages."""
        return " ".join(token.text for token in self.tokens)


@dataclass
class Sentence:
    """The clauses of one sentence, and whether everything in it depends on a condition."""

    clauses: list[Clause] = field(default_factory=list)
    conditional: bool = False
    question: bool = False


def split_sentences(tokens: list[Token]) -> Iterator[Sentence]:
    """Sentences with what is not advice taken out: reasons, purposes, conditions, what to do instead of it."""
    for words, end in _split(tokens):
        kept, conditional = _without_condition(words)
        kept = _without_purposes(_without_reasons(kept))
        sentence = Sentence(conditional=conditional, question="?" in end)
        for clause in _clauses(kept):
            sentence.clauses.extend(_one_amount_each(clause))
        if sentence.clauses or conditional:
            yield sentence


def _split(tokens: list[Token]) -> Iterator[tuple[list[Token], str]]:
    """Each sentence's tokens and the mark that ends it."""
    part: list[Token] = []
    for token in tokens:
        if "end" in token.kinds:
            yield part, token.text
            part = []
        else:
            part.append(token)
    yield part, ""


def _without_condition(tokens: list[Token]) -> tuple[list[Token], bool]:
    """Tokens before an "if", and whether they depend on it: they do unless it brings its own amount."""
    start = next((at for at, token in enumerate(tokens) if "conditional" in token.kinds), None)
    if start is None:
        return tokens, False
    own_amount = any("quantity" in token.kinds or "amount" in token.kinds for token in tokens[start:])
    boundary = max((at for at in range(start) if "boundary" in tokens[at].kinds), default=-1)
    separate = own_amount and (boundary >= 0 and boundary >= start - 2)
    return (tokens[:boundary], True) if separate else ([], True)


def _without_reasons(tokens: list[Token]) -> list[Token]:
    """Drops "because ..." up to the sentence's end, or up to the comma where the sentence starts with it."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if "because" in token.kinds and "keep" not in token.kinds:
            at = _comma(tokens, at) if not _says_something(kept) else len(tokens)
        elif "dropping" in token.kinds or _is_result(tokens, at):
            at = _boundary(tokens, at)
        else:
            kept.append(token)
            at += 1
    return kept


def _says_something(tokens: list[Token]) -> bool:
    return any(not token.kinds.isdisjoint({"stem", "quantity", "up", "down", "nothing"}) for token in tokens)


def _is_result(tokens: list[Token], at: int) -> bool:
    """Whether a "so the vocals come through" starts here; "so raise them 3 dB" is advice."""
    if tokens[at].text != "so":
        return False
    rest = tokens[at + 1 : _boundary(tokens, at + 1)]
    return all(token.kinds.isdisjoint({"quantity", "amount"}) for token in rest)


def _without_purposes(tokens: list[Token]) -> list[Token]:
    """Drops "to ..." and "for ..." after an amount, and "to ...," or "for ... to ...," before the advice."""
    kept: list[Token] = []
    at, amount_said = 0, False
    while at < len(tokens):
        token = tokens[at]
        opening = at == 0 and token.text in {"to", "for"} and _boundary(tokens, at) < len(tokens)
        if (opening and _is_purpose(tokens, at) and not _has_quantity(tokens[: _boundary(tokens, at)])) or (
            amount_said and token.text in {"to", "for"} and _is_purpose(tokens, at)
        ):
            at = _boundary(tokens, at)
        else:
            amount_said = ("quantity" in token.kinds) or ("amount" in token.kinds) or amount_said
            amount_said = amount_said and "boundary" not in token.kinds
            kept.append(token)
            at += 1
    return kept


def _is_purpose(tokens: list[Token], at: int) -> bool:
    following = tokens[at + 1 : _boundary(tokens, at)]
    if not following:
        return False
    to_do = any(token.text == "to" for token in following)
    return following[0].kinds.isdisjoint(_TARGETS) or (tokens[at].text == "for" and to_do)


def _has_quantity(tokens: list[Token]) -> bool:
    return any("quantity" in token.kinds for token in tokens)


def _boundary(tokens: list[Token], at: int) -> int:
    return next((i for i in range(at, len(tokens)) if "boundary" in tokens[i].kinds), len(tokens))


def _comma(tokens: list[Token], at: int) -> int:
    return next((i for i in range(at, len(tokens)) if tokens[i].text == ","), len(tokens))


def _clauses(tokens: list[Token]) -> Iterator[Clause]:
    before: frozenset[str] = frozenset()
    part: list[Token] = []
    for token in tokens:
        if token.kinds.isdisjoint({"boundary", "alternative"}):
            part.append(token)
            continue
        if part:
            yield Clause(tuple(part), before)
            part, before = [], frozenset()
        before |= token.kinds
    if part:
        yield Clause(tuple(part), before)


def _one_amount_each(clause: Clause) -> Iterator[Clause]:
    """Cuts a clause with several amounts, "vocals up 3 dB bass down 2 dB", before each stem or after each."""
    if len(clause.quantities) < 2:
        yield clause
        return
    stem_first = clause.position("stem") < clause.position("quantity", "up", "down")
    part: list[Token] = []
    before = clause.before
    has_amount = has_stem = False
    for token in clause.tokens:
        if has_amount and (bool(token.stem) if stem_first else has_stem):
            yield Clause(tuple(part), before)
            part, before = [], frozenset({"boundary"})
            has_amount = has_stem = False
        part.append(token)
        has_amount, has_stem = has_amount or token.quantity is not None, has_stem or bool(token.stem)
    yield Clause(tuple(part), before)
