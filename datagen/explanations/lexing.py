"""From free text to tokens: words, numbers with their signs, marks. Nothing is interpreted here, nothing is lost."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

_ALWAYS_MINUS = "−﹣－"
_DASHES = "-–—‐‑‒―"
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}


class Lex(Enum):
    """What a piece of text is."""

    WORD = auto()
    NUMBER = auto()
    OTHER_NUMBER = auto()
    """A number that is never a gain: 3:1, 12:30, 2/3."""
    NOT_A_NUMBER = auto()
    DASH = auto()
    """A dash with space around it: a separator, or a minus somebody spaced out."""
    TIGHT_DASH = auto()
    """A dash between digits: a range."""
    END = auto()
    """The end of a sentence or line."""
    MARK = auto()
    """Any other mark."""


@dataclass(frozen=True)
class Piece:
    """One piece of a text."""

    lex: Lex
    text: str
    value: float = 0.0
    sign: int = 0
    """-1 or +1 where written, 0 where not; 2 for plus-or-minus."""


_SIGN = rf"(?P<sign>\+\s*/\s*[-−–]\s*|±\s*|\+\s*|[{_ALWAYS_MINUS}]\s*|[-–])"
_PATTERN = re.compile(
    rf"""
    (?P<end>\n+|[.!?;…]+(?=\s|$|["'”’)*\]])|(?<=[^\W\d_])\.(?=[^\W\d_]))
  | (?P<ratio>\d+(?:[.,]\d+)?[:/]\d+(?:[.,]\d+)?(?!\d))
  | (?<![\w)]){_SIGN}?(?P<number>(?:\d+(?:[.,]\d+)?|[.,]\d+)(?P<vulgar>[½¼¾])?|[½¼¾]|(?:inf(?:inity)?|nan)\b|∞)
  | (?P<number2>\d+(?:[.,]\d+)?)
  | (?P<tight>(?<=\d)\s?[{_DASHES}]\s?(?=[+−-]?[\d.]))
  | (?P<dash>[{_DASHES}{_ALWAYS_MINUS}]+(?=\s|$|\w))
  | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
  | (?P<mark>\S)
    """,
    re.VERBOSE,
)


def lex(text: str) -> list[Piece]:
    """The pieces of a text in order; letter case, odd spaces and typographic marks are levelled first."""
    pieces: list[Piece] = []
    levelled = level(text)
    for match in _PATTERN.finditer(levelled):
        if match.lastgroup == "dash" and _joins_letters(levelled, match):
            continue
        pieces.append(_piece(match))
    return pieces


def level(text: str) -> str:
    """Lower case, plain spaces and apostrophes, composed letters; the kinds of minus and dash are kept."""
    text = text.replace("’", "'").replace("‘", "'").replace("`", "'")
    kept = "".join(c if c in _FRACTIONS or c in _ALWAYS_MINUS else unicodedata.normalize("NFKC", c) for c in text)
    kept = unicodedata.normalize("NFC", kept).casefold().replace("⁄", "/")
    kept = re.sub(r"[^\S\n]+", " ", kept.replace("\r", "\n").replace("\u2028", "\n").replace("\x00", " "))
    kept = re.sub(r"\b(approx|ca|max|min|vs|resp|lvl|vol)\.", r"\1", kept)
    return re.sub(r"[\u200b\u2060\ufeff\u00ad]", "", kept)


def _piece(match: re.Match[str]) -> Piece:
    text = match.group()
    if match["end"] is not None:
        return Piece(Lex.END, text)
    if match["ratio"] is not None:
        return Piece(Lex.NUMBER, text, 0.5) if text == "1/2" else Piece(Lex.OTHER_NUMBER, text)
    if match["number"] is not None:
        return _number(match["number"], match["sign"] or "")
    if match["number2"] is not None:
        return Piece(Lex.NUMBER, text, _value(text))
    if match["tight"] is not None:
        return Piece(Lex.TIGHT_DASH, text)
    if match["dash"] is not None:
        return Piece(Lex.DASH, text)
    return Piece(Lex.WORD if match["word"] is not None else Lex.MARK, text)


def _number(number: str, sign: str) -> Piece:
    mark = sign.strip()
    signed = 0 if not mark else 1 if mark == "+" else -1 if len(mark) == 1 and mark != "±" else 2
    if number[0] in "in∞" and number[0] not in _FRACTIONS:
        return Piece(Lex.NOT_A_NUMBER, sign + number, 0.0, signed)
    return Piece(Lex.NUMBER, sign + number, _value(number), signed)


def _value(number: str) -> float:
    fraction = _FRACTIONS.get(number[-1], 0.0)
    digits = number.rstrip("".join(_FRACTIONS)).replace(",", ".")
    return (float(digits) if digits else 0.0) + fraction


def _joins_letters(text: str, match: re.Match[str]) -> bool:
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return before.isalpha() and after.isalpha()
