"""From a text to gain changes, or to why none can be read. Never a guess, never a flipped sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datagen.explanations.binding import bind_sentence
from datagen.explanations.bound import Bound, close
from datagen.explanations.clauses import split_sentences
from datagen.explanations.lexicon import load_lexicon
from datagen.explanations.moves import Move
from datagen.explanations.scanning import scan
from datagen.words import STEMS, Changes, changes_from_mapping, snap_to_grid

MAX_CHARACTERS = 20_000
"""No advice is longer; a text that is was not meant for a producer."""

_WHY_NOTHING = (
    ("conditional", "it only says what to do under a condition"),
    ("processing", "it asks for other processing, not for gain changes"),
    ("fault", "it says what is wrong but not by how many dB"),
    ("relative", "its levels are relative to something else in the mix"),
    ("described", "it describes levels but does not say what to do"),
)


@dataclass(frozen=True)
class Reading:
    """What was read from a text."""

    changes: Changes | None
    """Gain changes in stem order, empty for "nothing to change", None when the text is not actionable."""
    not_actionable: str = ""
    """Why not; empty otherwise."""
    ranges: tuple[Move, ...] = ()
    """Moves given as a range or as a magnitude word, with the ends of their range or band."""
    from_words: bool = False
    """Whether any gain comes from a magnitude word: such a reading is never scored as dB."""
    unchanged: tuple[str, ...] = ()
    """Stems the text asks to leave alone."""
    notes: tuple[str, ...] = ()
    """What was left out, rounded or implied."""


def read(text: str, stems: Sequence[str] = STEMS) -> Reading:
    """The gain changes a text asks for, or why there are none that can be applied.

    Numbers need dB and a direction; ranges are read to their middle, gains are rounded to the 0.5 dB grid. A text in
    which any single move cannot be read for certain is not actionable as a whole.
    """
    stems = tuple(stems)
    if len(text) > MAX_CHARACTERS:
        return Reading(None, f"longer than {MAX_CHARACTERS} characters")
    bound = Bound()
    for sentence in split_sentences(scan(text, load_lexicon(stems))):
        bind_sentence(bound, sentence)
    close(bound)
    moves = _settle(bound)
    problems = tuple(dict.fromkeys(bound.problems))
    if problems:
        return Reading(None, "; ".join(problems), notes=tuple(bound.notes))
    if moves or bound.moves:
        return _reading(bound, moves, stems)
    quiet = bound.unchanged or bound.forbidden or not bound.flags.isdisjoint({"nothing", "balanced"})
    why = next((reason for flag, reason in _WHY_NOTHING if flag in bound.flags), "")
    if quiet and not bound.flags & {"fault", "conditional"}:
        return Reading((), unchanged=_in_order(bound.unchanged, stems), notes=tuple(bound.notes))
    return Reading(None, why or "no gain change is stated", notes=tuple(bound.notes))


def _settle(bound: Bound) -> dict[str, Move]:
    """One move a stem; moves that contradict each other, or what is to stay, become problems."""
    settled: dict[str, Move] = {}
    for move in bound.moves:
        known = settled.get(move.stem)
        if known is not None and known != move and not _refines(known, move):
            bound.problems.append(f"contradictory moves of {move.stem}")
        if known is None or known.from_words:
            settled[move.stem] = move
    for fault in bound.faults:
        known = settled.get(fault.stem)
        if known is None:
            settled[fault.stem] = fault
            bound.notes.append(f"{fault.stem}: read from what is said to be wrong")
        elif known.middle_db * fault.middle_db < 0.0:
            bound.problems.append(f"contradictory moves of {fault.stem}")
    for stem, sign in bound.forbidden:
        if stem in settled and settled[stem].middle_db * sign > 0.0:
            bound.problems.append(f"warns against the move of {stem} it asks for")
    for stem in bound.unchanged:
        if stem in settled and settled[stem].middle_db != 0.0:
            bound.problems.append(f"{stem} is to stay and to move")
    if "nothing" in bound.flags and "rest_only" not in bound.flags and any(m.middle_db for m in settled.values()):
        bound.problems.append("says to change nothing and to change something")
    return settled


def _refines(known: Move, move: Move) -> bool:
    return known.from_words != move.from_words and known.middle_db * move.middle_db > 0.0


def _reading(bound: Bound, moves: dict[str, Move], stems: tuple[str, ...]) -> Reading:
    gains_db = {stem: snap_to_grid(move.middle_db) for stem, move in moves.items()}
    rounded = [
        f"{stem}: {moves[stem].middle_db:+g} dB rounded to {gain_db:+g} dB"
        for stem, gain_db in gains_db.items()
        if gain_db != moves[stem].middle_db
    ]
    return Reading(
        changes=changes_from_mapping(gains_db, stems),
        ranges=tuple(move for move in moves.values() if move.low_db != move.high_db or move.from_words),
        from_words=any(move.from_words for move in moves.values()),
        unchanged=_in_order(bound.unchanged, stems),
        notes=tuple(bound.notes + rounded),
    )


def _in_order(named: list[str], stems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(stem for stem in stems if stem in named)
