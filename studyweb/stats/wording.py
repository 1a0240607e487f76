"""Results in plain words. A sentence always says what was asked, of whom, and how sure one can be."""

from __future__ import annotations

from studyweb.stats.preference import INDICATIVE_BELOW, PreferenceEstimate
from studyweb.stats.sides import SideReport

ALARM_BELOW = 0.001
"""Side counts less likely than this under the draw are an alarm (sample-ratio check)."""


def preference_sentence(estimate: PreferenceEstimate, *, first: str, second: str, ties: str = "half") -> str:
    """One sentence for a preference estimate; never claims more than the interval holds.

    `ties` says what became of them: `half` or `excluded`.
    """
    if estimate.rate is None:
        return f"Nobody has compared {first} with {second} yet."
    counts = " ".join(
        (
            f"{_count(estimate.n_answers, 'answer')} of {_count(estimate.n_participants, 'participant')}",
            f"on {_count(estimate.n_tracks, 'track')}",
        )
    )
    treated = {"half": "ties counted as half", "excluded": "ties left out"}[ties]
    said = f"{first} was preferred over {second} in {_percent(estimate.rate)} % of {counts}, {treated}"
    if estimate.interval is None:
        return f"{said}; {'; '.join(estimate.notes)}."
    low, high = estimate.interval.low, estimate.interval.high
    span = f"{100 * estimate.interval.level:.0f} % interval {_percent(low)} to {_percent(high)} %"
    lead = "Indicative only: " if min(estimate.n_participants, estimate.n_tracks) < INDICATIVE_BELOW else ""
    return f"{lead}{said} ({span}). {_verdict(estimate, low, high, first=first, second=second)}"


def _verdict(estimate: PreferenceEstimate, low: float, high: float, *, first: str, second: str) -> str:
    if low <= 0.5 <= high:
        return "Which one producers would prefer stays open: the interval holds one half."
    songs = "these songs" if estimate.estimand == "new_participants" else "songs like these"
    return f"Producers like these would prefer {first if low > 0.5 else second} on {songs}."


def _percent(rate: float) -> str:
    """Whole per cent, with a decimal near one half, where rounding would hide on which side a number lies."""
    return f"{100 * rate:.1f}" if 0.49 < rate < 0.51 and rate != 0.5 else f"{100 * rate:.0f}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"


def position_sentence(sides: SideReport) -> str:
    """A warning where the place on the page attracted choices or sides are uneven; empty where neither shows."""
    return " ".join(filter(None, (_position_effect(sides.slot_a_preference), _side_alarm(sides))))


def _position_effect(chosen: PreferenceEstimate) -> str:
    interval = chosen.interval
    if chosen.rate is None or interval is None or interval.low <= 0.5 <= interval.high:
        return ""
    span = f"{_percent(interval.low)} to {_percent(interval.high)} %"
    return (
        f"Position effect: whatever stood in slot A was preferred in {_percent(chosen.rate)} % of answers ({span}). "
        "Sides were balanced by the draw, so it favours neither system, but it pulls every preference towards one half."
    )


def _side_alarm(sides: SideReport) -> str:
    if sides.balance_p >= ALARM_BELOW:
        return ""
    return (
        f"Sides are not balanced: the first system stood in A {sides.first_in_a} times and in B {sides.first_in_b} "
        f"times (p = {sides.balance_p:.2g}). Find out why before trusting any rate."
    )
