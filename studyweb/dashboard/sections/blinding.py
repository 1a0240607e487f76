"""Did the blinding hold: at the end people say which advice came from the system that had heard more."""

from __future__ import annotations

from collections.abc import Sequence

from studyweb.dashboard.figures.shapes import IntervalFigure
from studyweb.dashboard.pair_trials import GUESS_QUESTION, PairTrial, guess_trials
from studyweb.dashboard.sections.amounts import counted, ends, in_brackets, level_name, number_span
from studyweb.dashboard.sections.points import interval_row
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.stats.blinding_index import BlindingIndex, Guess, blinding_index
from studyweb.stats.codes import UnknownAnswerError
from studyweb.stats.intervals import Interval
from studyweb.studies.models import System

GUESSES = ("a", "b", "cant_tell")
KEY, TITLE = "blinding-index", "Did the blinding hold?"
NOTES = (
    "Bang's index (Bang, Ni & Davis 2004): right minus wrong guesses over all who were asked; 0 is chance, 1 all "
    "right. Slots apart, because a habit of saying A lifts one and lowers the other.",
    "Asked once, after the last trial and its choice. Who finds one advice better may name it for that alone.",
)


def blinding_sections(data: PairData) -> list[Section]:
    """Bang's index for either slot and both together, or why this pair has none."""
    better = heard_more(data.first, data.second)
    if better is None:
        sentence = (
            f"Neither {data.first.label} nor {data.second.label} heard more than the other: there is no right guess."
        )
        return [Section(KEY, TITLE, sentence, (), ())]
    excluded = {trial.participant for trial in data.trials if trial.is_excluded}
    trials = guess_trials(data.study, data.first, data.second, excluded=excluded)
    counting = [trial for trial in trials if not trial.is_excluded]
    arms = _arms(counting, better_is_first=better == data.first, level=data.level)
    return [_section(data, better, arms)]


def heard_more(first: System, second: System) -> System | None:
    """Which of two heard all that the other heard and something besides; None where neither did."""
    one, other = _heard(first), _heard(second)
    if one is None or other is None or one == other:
        return None
    return first if one > other else second if other > one else None


def _heard(system: System) -> frozenset[str] | None:
    """The parts of the music that were given to a system; None where it is not known."""
    if system.kind == System.Kind.CONSTANT:
        return frozenset()
    if not system.shown:
        return None
    heard = {"mix"}
    if system.shown.startswith("stems"):
        heard.add("stems")
    if system.shown.endswith("_ref") and system.reference_kind != "none":
        heard.add("reference")
    return frozenset(heard)


def _arms(trials: Sequence[PairTrial], *, better_is_first: bool, level: float) -> dict[str, BlindingIndex]:
    guesses: dict[str, list[Guess]] = {"A": [], "B": []}
    for trial in trials:
        slot = "A" if trial.first_is_a == better_is_first else "B"
        guesses[slot].append(_judged(trial.answers[GUESS_QUESTION], slot))
    parts = {f"it stood in {slot}": kinds for slot, kinds in guesses.items()}
    parts["both slots"] = guesses["A"] + guesses["B"]
    return {label: blinding_index(kinds, level=level) for label, kinds in parts.items()}


def _judged(value: str, slot: str) -> Guess:
    """A guess as right or wrong. Raises UnknownAnswerError for a code that is none of GUESSES."""
    if value not in GUESSES:
        raise UnknownAnswerError(f"unknown guess {value!r}; expected one of {', '.join(GUESSES)}")
    if value == "cant_tell":
        return "cant_tell"
    return "right" if value == slot.lower() else "wrong"


def _section(data: PairData, better: System, arms: dict[str, BlindingIndex]) -> Section:
    overall = arms["both slots"]
    return Section(
        key=KEY,
        title=TITLE,
        sentence=_sentence(data, better, overall),
        header=("", "Right", "Wrong", "Can't tell", "Index", level_name(data.level)),
        rows=tuple(_row(f"{better.label}: {label}", arm) for label, arm in arms.items())
        if overall.index is not None
        else (),
        figure=None if overall.index is None else _figure(better, arms),
        notes=NOTES,
        numbers={**ends("blinding_index", overall.index, overall.interval), "n_asked": float(overall.n_participants)},
    )


def _row(label: str, arm: BlindingIndex) -> tuple[str, ...]:
    index = "" if arm.index is None else f"{arm.index:+.2f}"
    return label, str(arm.right), str(arm.wrong), str(arm.cant_tell), index, number_span(arm.interval) or arm.note


def _sentence(data: PairData, better: System, overall: BlindingIndex) -> str:
    if overall.index is None:
        return f"Nobody was asked yet which of {data.first.label} and {data.second.label} had heard more."
    asked = counted(overall.n_participants, "participant")
    return (
        f"Asked which advice came from the system that had heard more, {overall.right} of {asked} named that of "
        f"{better.label} and were right, {overall.wrong} were wrong and {overall.cant_tell} could not tell: blinding "
        f"index {overall.index:+.2f} {in_brackets(data.level, number_span(overall.interval), overall.note)}. "
        f"{_verdict(overall.interval)}"
    )


def _verdict(interval: Interval | None) -> str:
    if interval is None or interval.low <= 0.0 <= interval.high:
        return "No sign that people could tell, as far as so many answers show."
    if interval.low > 0.0:
        return "More guessed right than chance has it: people could tell, by what they heard or by the texts."
    return "More guessed wrong than chance has it: people took the one for the other."


def _figure(better: System, arms: dict[str, BlindingIndex]) -> IntervalFigure:
    return IntervalFigure(
        title=f"Blinding index: was {better.label} recognised?",
        axis="Right minus wrong guesses",
        left="all wrong",
        right="all right",
        rows=tuple(
            interval_row(label, arm.index, arm.interval, n=arm.n_participants, note=arm.note)
            for label, arm in arms.items()
        ),
        no_effect=0.0,
        lowest=-1.0,
        highest=1.0,
    )
