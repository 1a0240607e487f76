"""From pieces of text to tokens: amounts in dB with their ranges and signs, and the phrases of the lexicon."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.explanations.lexicon import Lexicon
from datagen.explanations.lexing import Lex, Piece, lex

_NUMBER_WORDS = {
    word: float(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
    )
}
_SIGN_WORDS = {"minus": -1, "negative": -1, "plus": 1, "positive": 1}
_DB = frozenset({"db", "dbs", "db's", "decibel", "decibels", "dezibel", "décibels", "décibel", "decibelios"})
_OTHER_UNITS = frozenset(
    [
        "lu",
        "lufs",
        "lkfs",
        "dbfs",
        "dbtp",
        "dbu",
        "dbv",
        "dba",
        "dbspl",
        "hz",
        "khz",
        "k",
        "ms",
        "s",
        "sec",
        "secs",
        "second",
        "seconds",
        "bpm",
        "percent",
        "pct",
        "st",
        "semitone",
        "semitones",
        "cents",
        "x",
        "times",
        "oct",
        "octave",
        "octaves",
        "mm",
        "min",
        "minutes",
        "notches",
        "clicks",
        "steps",
        "points",
    ]
)
_FREQUENCIES = frozenset({"hz", "khz", "k"})
_AFTER_DB = frozenset({"fs", "spl", "tp", "lufs", "lu", "rms"})
_APPROXIMATE = frozenset(
    [
        "about",
        "around",
        "roughly",
        "approximately",
        "approx",
        "circa",
        "ca",
        "maybe",
        "perhaps",
        "some",
        "just",
        "only",
        "another",
    ]
)
_NO_WORD = Piece(Lex.MARK, "")


@dataclass(frozen=True)
class Quantity:
    """An amount in dB as written: low <= high, both positive, and a sign of -1, 0 (none written) or +1."""

    low_db: float
    high_db: float
    sign: int
    text: str
    problem: str = ""
    """Why it is not an amount of change; empty when it is."""
    after_dash: bool = False
    """A spaced or attached dash stands before it, which may or may not be a minus."""


@dataclass(frozen=True)
class Token:
    """A phrase with what it may mean, an amount, or a boundary."""

    kinds: frozenset[str]
    text: str
    stem: str = ""
    band_db: tuple[float, float] = (0.0, 0.0)
    quantity: Quantity | None = None


def scan(text: str, lexicon: Lexicon) -> list[Token]:
    """The tokens of a text in order."""
    pieces = lex(text)
    tokens: list[Token] = []
    at = 0
    while at < len(pieces):
        token, at = _token_at(pieces, at, lexicon)
        if token is not None:
            tokens.append(token)
    return tokens


def _token_at(pieces: list[Piece], at: int, lexicon: Lexicon) -> tuple[Token | None, int]:
    amount = _amount_at(pieces, at)
    if amount is not None:
        return amount
    piece = pieces[at]
    if piece.lex is Lex.WORD:
        return _phrase_at(pieces, at, lexicon)
    if piece.lex is Lex.END:
        return Token(frozenset({"end"}), piece.text), at + 1
    if piece.lex is Lex.NOT_A_NUMBER:
        return Token(frozenset({"not_a_number"}), piece.text), at + 1
    if piece.lex is Lex.DASH and _number_at(pieces, at + 1) is None:
        return Token(frozenset({"boundary"}), piece.text), at + 1
    if piece.lex is Lex.MARK and piece.text in ",:()[]|/":
        kinds = {"boundary", "shared"} if piece.text in ",/" else {"boundary"}
        return Token(frozenset(kinds), piece.text), at + 1
    if piece.text == "&":
        return Token(frozenset({"boundary", "shared"}), piece.text), at + 1
    if piece.text == "%":
        return Token(frozenset({"other_unit"}), piece.text), at + 1
    return None, at + 1


def _phrase_at(pieces: list[Piece], at: int, lexicon: Lexicon) -> tuple[Token, int]:
    words = []
    for piece in pieces[at : at + lexicon.longest]:
        if piece.lex is not Lex.WORD:
            break
        words.append(piece.text)
    length, entry = lexicon.match(words)
    if entry is None:
        length, entry = lexicon.match([words[0].removesuffix("'s")])
    text = " ".join(words[:length])
    if entry is None:
        return Token(frozenset({"unknown"}), text), at + 1
    return Token(entry.kinds, text, entry.stem, entry.band_db), at + length


def _amount_at(pieces: list[Piece], at: int) -> tuple[Token, int] | None:
    """An amount that starts here: a number or range with dB, with another unit, or with none."""
    first = _number_at(pieces, at)
    if first is None:
        return None
    value, sign, after = first
    unit, after_unit = _unit_at(pieces, after)
    last = _range_end(pieces, after_unit if unit == "db" else after, between=_word(pieces, at - 1) == "between")
    if last is not None:
        last_unit, after_last = _unit_at(pieces, last[2])
        if last_unit == "db" or (unit == "db" and not last_unit):
            quantity = _range(pieces, at, first, last)
            return Token(frozenset({"quantity"}), quantity.text, quantity=quantity), after_last
    if unit == "db":
        quantity = Quantity(
            value, value, sign, _text(pieces, at, after_unit), _problem(pieces, at, sign), _dashed(pieces, at)
        )
        return Token(frozenset({"quantity"}), quantity.text, quantity=quantity), after_unit
    if unit:
        kinds = {"other_unit", "processing"} if unit in _FREQUENCIES else {"other_unit"}
        return Token(frozenset(kinds), _text(pieces, at, after_unit)), after_unit
    if pieces[at].lex is Lex.WORD and not sign:
        return None
    return Token(frozenset({"number"}), pieces[at].text), after


def _number_at(pieces: list[Piece], at: int) -> tuple[float, int, int] | None:
    """Value, sign and the next position of a number in digits or words."""
    if at >= len(pieces):
        return None
    piece = pieces[at]
    word = _word(pieces, at)
    if word in _SIGN_WORDS:
        number = None if _word(pieces, at + 1) in _SIGN_WORDS else _number_at(pieces, at + 1)
        return None if number is None or number[1] else (number[0], _SIGN_WORDS[word], number[2])
    if piece.lex is Lex.DASH and piece.text in "−﹣－" and at + 1 < len(pieces) and pieces[at + 1].lex is Lex.NUMBER:
        value, _, after = _with_half(pieces, at + 2, pieces[at + 1].value)
        return value, -1, after
    if piece.lex is Lex.NUMBER:
        value, _, after = _with_half(pieces, at + 1, piece.value)
        return value, piece.sign, after
    if word == "half" and _word(pieces, at + 1) in {"a", "of"}:
        start = at + 2 + (_word(pieces, at + 2) == "a")
        return (0.5, 0, start) if _word(pieces, start) in _DB else None
    if word == "a" and _word(pieces, at + 1) in _DB:
        return 1.0, 0, at + 1
    return _with_half(pieces, at + 1, _NUMBER_WORDS[word]) if word in _NUMBER_WORDS else None


def _with_half(pieces: list[Piece], at: int, value: float) -> tuple[float, int, int]:
    if at < len(pieces) and pieces[at].text == "1/2":
        return value + 0.5, 0, at + 1
    if [_word(pieces, at + step) for step in range(3)] == ["and", "a", "half"]:
        return value + 0.5, 0, at + 3
    return value, 0, at


def _unit_at(pieces: list[Piece], at: int) -> tuple[str, int]:
    """`db`, another unit or nothing, and the position after it."""
    if at < len(pieces) - 1 and pieces[at].lex in (Lex.DASH, Lex.TIGHT_DASH):
        at += 1
    word = _word(pieces, at)
    if word in _DB:
        slope = at + 2 < len(pieces) and pieces[at + 1].text == "/" and _word(pieces, at + 2).startswith("oct")
        return (
            (word + "/oct", at + 3)
            if slope
            else ("other", at + 2)
            if _word(pieces, at + 1) in _AFTER_DB
            else ("db", at + 1)
        )
    if word in _OTHER_UNITS:
        return word, at + 1
    if at < len(pieces) and pieces[at].text == "%":
        return "%", at + 1
    return "", at


def _range_end(pieces: list[Piece], at: int, *, between: bool) -> tuple[float, int, int] | None:
    if at >= len(pieces):
        return None
    joins = (
        pieces[at].lex is Lex.TIGHT_DASH
        or _word(pieces, at) in {"to", "or"}
        or (between and _word(pieces, at) == "and")
    )
    return _number_at(pieces, at + 1) if joins else None


def _range(pieces: list[Piece], at: int, first: tuple[float, int, int], last: tuple[float, int, int]) -> Quantity:
    (low, low_sign, _), (high, high_sign, after) = first, last
    problem = _problem(pieces, at, low_sign)
    if _previous_word(pieces, at) == "from":
        problem = "gives a fader position, not a change"
    if high_sign not in (0, low_sign) or (low_sign == -1 and high_sign == 0):
        problem = "mixes signs in a range"
    small, large = sorted((low, high))
    return Quantity(small, large, low_sign, _text(pieces, at, after) + " db", problem, _dashed(pieces, at))


def _problem(pieces: list[Piece], at: int, sign: int) -> str:
    if sign == 2:
        return "gives no direction: plus or minus"
    if _previous_word(pieces, at) in {"to", "at"}:
        return "gives a fader position, not a change"
    return ""


def _previous_word(pieces: list[Piece], at: int) -> str:
    at -= 1
    while _word(pieces, at) in _APPROXIMATE or (at >= 0 and pieces[at].text == "~"):
        at -= 1
    return _word(pieces, at)


def _dashed(pieces: list[Piece], at: int) -> bool:
    return at > 0 and pieces[at - 1].lex is Lex.DASH


def _word(pieces: list[Piece], at: int) -> str:
    return pieces[at].text if 0 <= at < len(pieces) and pieces[at].lex is Lex.WORD else ""


def _text(pieces: list[Piece], start: int, end: int) -> str:
    return " ".join(piece.text.strip() for piece in pieces[start:end])
