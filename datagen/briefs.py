"""The one line that model and producer are both given: genre, section, what should lead. Never a level."""

from __future__ import annotations

from datagen.words import SPOKEN_STEMS

_WITH_LEAD = (
    "{Genre}, {section}. {Lead} should lead.",
    "{Genre}, {section}: {lead} should lead.",
    "{Genre} song, {section}. What should lead: {lead}.",
    "{Section} of a {genre} song, led by {lead}.",
)
_WITHOUT_LEAD = ("{Genre}, {section}.", "{Genre} song, {section}.", "{Section} of a {genre} song.")


def write_brief(genre: str, section: str, lead: str, seed: int) -> str:
    """One line that names genre, section and the stem that should lead; it says nothing about levels.

    `lead` is a stem or empty where nothing is known to lead; empty `genre` or `section` reads "song" or "a passage".
    The same seed gives the same wording.
    """
    patterns = _WITH_LEAD if lead else _WITHOUT_LEAD
    spoken = SPOKEN_STEMS.get(lead, f"the {lead.replace('_', ' ')}")
    genre, section = _one_line(genre) or "multitrack", _one_line(section) or "passage"
    return patterns[seed % len(patterns)].format(
        genre=genre,
        Genre=_capital(genre),
        section=section,
        Section=_capital(section),
        lead=spoken,
        Lead=_capital(spoken),
    )


def _one_line(text: str) -> str:
    return " ".join(text.replace("_", " ").split())


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
