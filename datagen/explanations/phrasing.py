"""Small pieces of wording that all texts share: numbers, stems with their verbs, sentences."""

from __future__ import annotations

from datagen.explanations.lexicon import written_amounts
from datagen.words import SPOKEN_STEMS


def number_text(gain_db: float) -> str:
    """The size of a gain as the writer writes it: 0.5, 1, 1.5, ..., 12; no sign, no unit."""
    return f"{abs(gain_db):g}"


def amount_text(gain_db: float) -> str:
    """The magnitude word whose band's middle is nearest to the size of a gain; the smaller one of two."""
    return min(written_amounts().items(), key=lambda item: (abs(sum(item[1]) / 2.0 - abs(gain_db)), item[1]))[0]


def frequency_text(frequency_hz: float) -> str:
    """A frequency as people say it: 250 Hz, 2 kHz."""
    return f"{frequency_hz / 1000.0:g} kHz" if frequency_hz >= 1000.0 else f"{frequency_hz:g} Hz"


def spoken_stem(stem: str) -> str:
    """The stem with its article, as people say it."""
    return SPOKEN_STEMS.get(stem, f"the {stem.replace('_', ' ')}")


def stem_words(stem: str) -> dict[str, str]:
    """A stem's fields in a pattern: {the}, {name}, {they}, and the verbs {are}, {sit}, {need} in its number."""
    the = spoken_stem(stem)
    name = the.removeprefix("the ")
    if name.endswith("s") and not name.endswith("bass"):
        return {"the": the, "name": name, "they": "they", "are": "are", "sit": "sit", "need": "need"}
    return {"the": the, "name": name, "they": "it", "are": "is", "sit": "sits", "need": "needs"}


def as_sentence(text: str) -> str:
    """A clause with a capital letter and a full stop."""
    return text[0].upper() + text[1:] + "."
