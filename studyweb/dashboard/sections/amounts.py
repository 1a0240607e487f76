"""Numbers as sections say them: rates in per cent, counts with their noun, intervals with their level."""

from __future__ import annotations

from studyweb.stats.intervals import Interval
from studyweb.stats.preference import PreferenceEstimate


def percent(rate: float) -> str:
    """Whole per cent, with a decimal near one half, where rounding would hide on which side it lies."""
    return f"{100 * rate:.1f} %" if 0.49 < rate < 0.51 and rate != 0.5 else f"{100 * rate:.0f} %"


def counted(number: int, noun: str) -> str:
    """ "1 answer", "2 answers"."""
    return f"{number} {noun if number == 1 else noun + 's'}"


def basis(answers: int, participants: int, tracks: int) -> str:
    """Of how many answers, people and tracks a finding is."""
    return f"{counted(answers, 'answer')} of {counted(participants, 'participant')} on {counted(tracks, 'track')}"


def rate_span(interval: Interval | None) -> str:
    """The ends of a rate's interval; empty without one."""
    return "" if interval is None else f"{percent(interval.low)} to {percent(interval.high)}"


def number_span(interval: Interval | None, digits: int = 2) -> str:
    """The ends of any other interval; empty without one."""
    return "" if interval is None else f"{interval.low:.{digits}f} to {interval.high:.{digits}f}"


def level_name(level: float) -> str:
    """ "95 % interval"."""
    return f"{100 * level:.0f} % interval"


def in_brackets(level: float, span: str, otherwise: str = "no interval") -> str:
    """ "(95 % interval 52 % to 61 %)", or why there is none."""
    return f"({level_name(level)} {span})" if span else f"({otherwise or 'no interval'})"


def rate_row(label: str, estimate: PreferenceEstimate) -> tuple[str, str, str, str]:
    """A table's line: label, rate, interval, answers."""
    rate = "" if estimate.rate is None else percent(estimate.rate)
    span = rate_span(estimate.interval) or "; ".join(estimate.notes)
    return label, rate, span, str(estimate.n_answers)


def sentence(note: str) -> str:
    """A note with its first letter large and a full stop."""
    return f"{note[:1].upper()}{note[1:]}."


def ends(name: str, value: float | None, interval: Interval | None) -> dict[str, float]:
    """A number and the ends of its interval by name, as far as there are any."""
    numbers = {} if value is None else {name: value}
    if interval is not None:
        numbers |= {f"{name}_low": interval.low, f"{name}_high": interval.high}
    return numbers
