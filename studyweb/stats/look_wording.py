"""A look at a running study in plain words. It says what holds at every look, and never that something is settled."""

from __future__ import annotations

from studyweb.stats.sequential import Look


def look_sentence(look: Look, *, first: str, second: str) -> str:
    """What one look shows, about whom, and whether the study may stop."""
    interval = look.interval
    said = (
        f"After {look.n_participants} of {look.planned_participants} planned participants, {first} was preferred over "
        f"{second} in {_percent(look.mean)} % of choices, averaged over people, ties as half "
        f"({100 * interval.level:g} % interval at all looks: {_percent(interval.low)} to {_percent(interval.high)} %)."
    )
    return f"{said} {_verdict(look, first=first, second=second)}"


def _verdict(look: Look, *, first: str, second: str) -> str:
    about = "This speaks of other participants on these tracks, not of other tracks."
    if not look.decides:
        return f"The interval holds one half: the study goes on. {about}"
    preferred = first if look.mean > 0.5 else second
    return f"The interval leaves out one half, for {preferred}: the study may stop here. {about}"


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"
